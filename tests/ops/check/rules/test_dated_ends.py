"""Dated ends: findings become errors on their date, and patched functions are not reported."""

import json
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from ops.check.ends.dated_ends import dated_ends
from ops.check.files.reading import read_subject
from ops.check.finding import Finding
from ops.check.run import check
from tests.ops.check.conftest import CLEAN, write
from tests.ops.check.rules.cases.case import RUNNER, RUNNER_FILE, WEB, WORKER
from tests.ops.check.rules.cases.dates import patch

ROOT = Path(__file__).parents[4]
DATA = files("cfnlint") / "data"
PATCHES = "copilot/worker/overrides/cfn.patches.yml"
DELAY = "{acceptable_latency: 1m, msg_processing_time: 1s}"
DAYS = [
    (date(2026, 4, 29), set()),
    (date(2026, 4, 30), {"warning"}),
    (date(2026, 11, 28), {"warning"}),
    (date(2027, 1, 31), {"warning"}),
    (date(2027, 2, 1), {"error"}),
    (date(2027, 3, 3), {"error"}),
    (date(2040, 2, 29), {"error"}),
]


def found(root: Path, today: date, rule: str = "lambda-runtime") -> list[Finding]:
    findings = check(replace(read_subject(root), today=today)).findings
    return [each for each in findings if each.rule == rule]


@pytest.mark.parametrize(("today", "severities"), DAYS)
def test_the_severity_rises(tmp_path: Path, today: date, severities: set[str]) -> None:
    write(tmp_path, CLEAN)
    findings = found(tmp_path, today)
    assert {each.severity.value for each in findings} == severities
    assert {each.path.as_posix() for each in findings} == (
        {
            "copilot/environments/prod/manifest.yml",
            "copilot/environments/test/manifest.yml",
            "copilot/web/manifest.yml",
            "copilot/worker/manifest.yml",
        }
        if severities
        else set()
    )


@pytest.mark.parametrize("today", [day for day, _ in DAYS])
def test_this_workspace_is_green_on_any_day(today: date, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REGISTRY", "IMAGE_TAG", "MAIL_FROM", "RETURN_URL"):
        monkeypatch.setenv(name, "any")
    assert check(replace(read_subject(ROOT), today=today)).findings == ()


def test_a_patched_runtime_that_ends_later_is_reported_then(tmp_path: Path) -> None:
    write(tmp_path, {**CLEAN, PATCHES: patch("EnvControllerFunction", "nodejs22.x")})
    assert {each.path.as_posix() for each in found(tmp_path, date(2026, 11, 28))}.isdisjoint(
        {PATCHES, "copilot/worker/manifest.yml"}
    )
    late = {each.path.as_posix(): each for each in found(tmp_path, date(2027, 6, 1))}
    assert late[PATCHES].severity.value == "error"
    assert "2027-06-01" in late[PATCHES].message


def test_a_whole_function_of_the_patches_own_counts(tmp_path: Path) -> None:
    whole = (
        "- op: replace\n  path: /Resources/EnvControllerFunction/Properties\n"
        "  value: {Runtime: nodejs24.x}\n"
    )
    write(tmp_path, {**CLEAN, PATCHES: whole})
    assert "copilot/worker/manifest.yml" not in {
        each.path.as_posix() for each in found(tmp_path, date(2027, 2, 1))
    }


@pytest.mark.parametrize(
    ("manifest", "names"),
    [
        (f"{RUNNER}", set()),
        (f"{RUNNER}network: {{vpc: {{placement: private}}}}\n", {"EnvControllerFunction"}),
        (f"{RUNNER}http: {{alias: a.example.org}}\n", {"CustomDomainFunction"}),
        (
            "name: runner\ntype: Static Site\nfiles: [{source: a}]\n",
            {"TriggerStateMachineFunction"},
        ),
        (
            f"{WORKER}count:\n  range: 1-5\n  queue_delay: {DELAY}\n",
            {
                "EnvControllerFunction",
                "DynamicDesiredCountFunction",
                "BacklogPerTaskCalculatorFunction",
            },
        ),
        (
            f"{WEB}http: false\nnlb: {{port: 443/tls, alias: a.example.org}}\n",
            {"EnvControllerFunction", "NLBCustomDomainFunction", "NLBCertValidatorFunction"},
        ),
    ],
)
def test_which_functions_a_manifest_asks_for(
    tmp_path: Path, manifest: str, names: set[str]
) -> None:
    write(tmp_path, {RUNNER_FILE: manifest})
    text = " ".join(each.message for each in found(tmp_path, date(2027, 1, 1)))
    assert {word.strip(",") for word in text.split() if "Function" in word} == names


def test_a_function_of_one_environment_has_no_patch(tmp_path: Path) -> None:
    manifest = (
        "name: worker\ntype: Backend Service\nimage: {location: a}\n"
        "count: {range: 1-3, cpu_percentage: 70}\nenvironments: {test: {count: 1}}\n"
    )
    write(tmp_path, {**CLEAN, "copilot/worker/manifest.yml": manifest})
    [scaling] = [each for each in found(tmp_path, date(2027, 1, 1)) if "Dynamic" in each.message]
    assert scaling.edits == ()
    assert "1-1" in scaling.fix


def test_the_days_are_those_of_the_locked_cfn_lint() -> None:
    runtimes = json.loads((DATA / "AdditionalSpecs/LmbdRuntimeLifecycle.json").read_text())
    for name, end in dated_ends().runtimes.items():
        assert runtimes[name] == {
            "deprecated": str(end.warn),
            "create-block": str(end.create),
            "update-block": str(end.update),
            "successor": end.successor,
        }
    schemas = DATA / "schemas/extensions/aws_rds_dbcluster/engine_version_deprecated.json"
    for engine, versions in dated_ends().aurora_versions.items():
        assert versions <= _deprecated(json.loads(schemas.read_text()), engine)


def _deprecated(schema: dict[str, Any], engine: str) -> set[str]:
    conditions = [each["if"]["properties"] for each in schema["allOf"]]
    return {
        version
        for each in conditions
        if each["Engine"].get("const") == engine
        for version in each["EngineVersion"]["enum"]
    }
