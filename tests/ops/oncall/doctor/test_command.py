"""`ops doctor` against moto over HTTP, with fake programs."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.oncall.doctor.check import Check, Tool, fails, of_clock, of_copilot, of_endpoint, of_tool
from tests.ops.conftest import Ops
from tests.ops.support.copilot_stacks import deploy_environment

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty directory that is the whole PATH."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    return directory


def install(directory: Path, name: str, script: str) -> None:
    program = directory / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_a_machine_that_has_everything(
    ops: Ops, aws: None, workspace: Path, programs: Path
) -> None:
    install(programs, "copilot", "echo copilot version: v1.34.1")
    install(programs, "session-manager-plugin", "echo 1.2.650.0")
    install(programs, "docker", "echo 27.3.1")
    shown = ops("doctor")
    assert shown.code == 0, shown
    assert "✘" not in shown.out
    for line in (
        "✔ workspace               shop; services: web, worker; environments: prod, staging",
        "✔ region                  eu-central-1",
        "✔ clock                   within two minutes of AWS's",
        "✔ endpoint                not AWS: AWS_ENDPOINT_URL=http://127.0.0.1:",
        "✔ copilot                 1.34.1; its support has ended",
        "✔ session-manager-plugin  1.2.650.0",
        "✔ docker                  27.3.1",
    ):
        assert line in shown.out
    assert "in account 123456789012" in shown.out


def test_what_is_missing_has_a_next_step_and_fails_where_it_is_needed(
    ops: Ops, aws: None, workspace: Path, programs: Path
) -> None:
    install(programs, "docker", "exit 1")
    shown = ops("doctor")
    assert shown.code == 0, shown
    assert "○ copilot                 not installed. Install 1.34.1" in shown.out
    assert "not installed. Install it for `copilot svc exec`" in shown.out
    assert "○ docker                  its daemon does not respond" in shown.out
    assert "✘" not in shown.out
    assert shown.out.count("(optional: ops itself does not need it)") == 3
    (workspace / "copilot/web/ops.yml").write_text("alarm: {}\n")
    broken = ops("doctor", "--output", "json")
    assert broken.code == 1
    checks = {each["name"]: each for each in json.loads(broken.out)}
    assert not checks["workspace"]["ok"]
    assert "copilot/web/ops.yml:1: alarm" in checks["workspace"]["found"]
    assert checks["credentials"]["ok"]


def test_no_region_and_no_credentials(
    ops: Ops, aws_settings: pytest.MonkeyPatch, workspace: Path, programs: Path
) -> None:
    aws_settings.delenv("AWS_ACCESS_KEY_ID")
    shown = ops("doctor")
    assert shown.code == 1
    assert "✘ credentials             There are no AWS credentials" in shown.out
    aws_settings.delenv("AWS_REGION")
    aws_settings.delenv("AWS_DEFAULT_REGION")
    shown = ops("doctor")
    assert shown.code == 1
    assert "No AWS region is set. Pass --region" in shown.out
    assert "✔ workspace" in shown.out


def test_an_environment_is_known_to_the_files_or_to_the_account(
    ops: Ops, aws: None, workspace: Path, programs: Path, calls: list[str]
) -> None:
    assert "✔ environment             prod\n" in ops("doctor", "--env", "prod").out
    assert "environment " not in ops("doctor").out
    odd = ops("doctor", "--env", "Bad/Name")
    assert odd.code == 1
    assert "has no environment `Bad/Name`. A name has small letters" in odd.out
    assert "ListStackResources" not in calls
    wrong = ops("doctor", "--env", "nope")
    assert wrong.code == 1
    assert "✘ environment             The application shop has no environment `nope`" in wrong.out
    deploy_environment("shop", "dev")
    assert "✔ environment             dev, which is deployed" in ops("doctor", "--env", "dev").out


def test_an_environment_that_the_account_cannot_be_asked_for(
    ops: Ops, aws_settings: pytest.MonkeyPatch, workspace: Path, programs: Path
) -> None:
    aws_settings.delenv("AWS_ACCESS_KEY_ID")
    shown = ops("doctor", "--env", "nope")
    assert "✘ environment             There are no AWS credentials" in shown.out


def test_the_clock() -> None:
    assert of_clock(NOW, NOW + timedelta(seconds=119)).ok
    ahead = of_clock(NOW + timedelta(minutes=10), NOW)
    assert not ahead.ok
    assert ahead.needed
    assert ahead.found == "600 s ahead of AWS's"
    assert "behind" in of_clock(NOW - timedelta(minutes=10), NOW).found
    assert not fails([of_clock(NOW, None)])


def test_the_endpoint() -> None:
    assert of_endpoint({"AWS_REGION": "x", "AWS_ENDPOINT_URL": ""}).found == "AWS itself"
    found = of_endpoint({"AWS_ENDPOINT_URL_SQS": "http://x"}).found
    assert found == "not AWS: AWS_ENDPOINT_URL_SQS=http://x"


def test_the_tools() -> None:
    assert not of_copilot(Tool("/bin/copilot", 0, "copilot version: v1.33.4")).ok
    assert not of_copilot(Tool("/bin/copilot", 1, "")).ok
    assert of_tool("docker", Tool("/bin/docker", 0, "27.3.1"), "", "").found == "27.3.1"
    assert not fails([of_copilot(Tool(None)), of_tool("docker", Tool(None), "", "")])
    assert fails([Check("region", ok=False, found="none")])
