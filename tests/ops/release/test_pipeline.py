"""`.github/workflows/release.yml`: what it runs exists, and promotes one image."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ops.commands.cli import cli
from ops.release.render import plan_as_data
from tests.ops.release.records import V2, plan

WORKFLOW = Path(__file__).parents[3] / ".github" / "workflows" / "release.yml"
JOBS: dict[str, dict[str, Any]] = yaml.safe_load(WORKFLOW.read_text())["jobs"]


def runs(job: str) -> list[str]:
    steps = JOBS[job]["steps"]
    return [line.strip() for step in steps for line in step.get("run", "").splitlines()]


def ops_commands() -> list[list[str]]:
    """Every `ops` command, as words, with a value for each variable."""
    lines = [line for job in JOBS for line in runs(job) if line.startswith("ops ")]
    plain = [re.sub(r"\$\{TAG:\+(.*?)\}$", r"\1", line.partition(" >")[0]) for line in lines]
    return [shlex.split(re.sub(r"\$\w+", "staging", line))[1:] for line in plain]


@pytest.mark.parametrize("words", ops_commands(), ids=" ".join)
def test_its_commands_exist_with_their_options(words: list[str]) -> None:
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        known = command.get_command(context, words[0])
        assert known is not None, words
        command, words = known, words[1:]
    command.make_parser(click.Context(command)).parse_args(list(words))  # raises for an unknown one


@pytest.mark.skipif(shutil.which("jq") is None, reason="the runner has jq")
def test_staging_hands_on_the_tag_and_the_digest_that_it_released(tmp_path: Path) -> None:
    file = tmp_path / "release.json"
    file.write_text(json.dumps(plan_as_data(plan(("web",), ("worker",)))))
    [line] = [line for line in runs("staging") if line.startswith("jq ")]
    line = line.replace("$RUNNER_TEMP", str(tmp_path)).partition(" >>")[0]
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout == f"tag=v2\ndigest={V2.digest}\n"
    handed = {name: f"${{{{ steps.release.outputs.{name} }}}}" for name in ("tag", "digest")}
    assert JOBS["staging"]["outputs"] == handed


def test_prod_takes_that_image_and_builds_none() -> None:
    [step] = [step for step in JOBS["prod"]["steps"] if "ops release" in step.get("run", "")]
    assert step["run"] == 'ops release --env prod --tag "$TAG" --digest "$DIGEST"'
    assert step["env"] == {
        "TAG": "${{ needs.staging.outputs.tag }}",
        "DIGEST": "${{ needs.staging.outputs.digest }}",
    }
    assert JOBS["prod"]["environment"] == "prod"


def test_a_rollback_waits_for_no_approval_and_reviewed_code_alone_may_write() -> None:
    assert "concurrency" not in yaml.safe_load(WORKFLOW.read_text())
    assert "concurrency" not in JOBS["rollback"]
    credentials = next(
        s["with"] for s in JOBS["plan"]["steps"] if "aws-actions" in s.get("uses", "")
    )
    assert credentials["role-to-assume"] == "${{ vars.AWS_ROLE_PLAN }}"
    assert runs("plan")[-1].startswith("ops release --env staging --dry-run ")
