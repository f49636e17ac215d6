"""A plan from a file is applied as it was reviewed, or not at all."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.ops.conftest import Ops


@pytest.fixture
def kept(ops: Ops, deployed: dict[str, str], workspace: Path) -> Path:
    path = workspace / "plan.json"
    assert ops("plan", "--env", "prod", "--out", str(path)).code == 0
    return path


def test_the_reviewed_plan_is_carried_out(ops: Ops, kept: Path) -> None:
    synced = ops("sync", str(kept))  # the environment is the plan's
    assert synced.code == 0, synced
    assert synced.out.count("✔ created") == 4
    assert ops("plan", "--env", "prod", "--exit-code").code == 0


def test_a_second_time_the_live_state_has_moved(ops: Ops, kept: Path) -> None:
    ops("sync", str(kept))
    again = ops("sync", str(kept))
    assert again.code == 1
    assert "alarms shop-web-high-cpu: AWS already matches the plan: nothing" in again.err
    assert "Create the plan again" in again.err


def test_drift_since_the_review_is_told(ops: Ops, kept: Path) -> None:
    ops("sync", "--env", "prod")
    cloudwatch = boto3.client("cloudwatch")
    cloudwatch.disable_alarm_actions(AlarmNames=["shop-web-high-cpu"])  # not declared: no drift
    assert ops("plan", "--env", "prod", "--out", str(kept)).code == 0
    cloudwatch.delete_alarms(AlarmNames=["shop-web-unhealthy"])
    moved = ops("sync", str(kept))
    assert moved.code == 1
    assert (
        "alarms shop-web-unhealthy: it was deleted in AWS; before, it was as declared" in moved.err
    )
    assert "✔" not in moved.out


def test_a_change_of_the_files_since_the_review_is_told(
    ops: Ops, kept: Path, workspace: Path
) -> None:
    path = workspace / "copilot/web/ops.yml"
    path.write_text(path.read_text().replace("threshold: 80", "threshold: 90"))
    moved = ops("sync", str(kept))
    assert moved.code == 1
    assert "shop-web-high-cpu: Threshold: the files say 90 now, and said 80" in moved.err


def changed(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def test_a_refusal_names_the_field_and_who_moved_it(ops: Ops, kept: Path, workspace: Path) -> None:
    """Change one alarm in AWS and another in the files, and remove a third declaration."""
    declared = workspace / "copilot/web/ops.yml"
    watched = "namespace: AWS/ECS, metric: MemoryUtilization, missing_data: ignore"
    third = f"    third: {{summary: T., {watched}, threshold: 1}}\n"
    changed(declared, "  define:\n", f"  define:\n{third}")
    synced = ops("sync", "--env", "prod")
    assert synced.code == 0, synced.err
    changed(declared, "threshold: 80", "threshold: 85")
    assert ops("plan", "--env", "prod", "--out", str(kept)).code == 0
    set_threshold("shop-web-high-cpu", 70)
    set_threshold("shop-web-unhealthy", 2)
    changed(declared, third, third.replace("threshold: 1", "threshold: 3"))
    refused = ops("sync", str(kept))
    assert refused.code == 1
    assert "alarms shop-web-high-cpu: Threshold: AWS has 70 now, and had 80" in refused.err
    assert "alarms shop-web-unhealthy: Threshold: AWS has 2 now; the files say 1" in refused.err
    assert "alarms shop-web-third: Threshold: the files say 3 now; AWS still has 1" in refused.err


def test_a_refusal_says_when_the_files_take_a_change_back(
    ops: Ops, kept: Path, workspace: Path
) -> None:
    ops("sync", "--env", "prod")
    declared = workspace / "copilot/web/ops.yml"
    changed(declared, "threshold: 80", "threshold: 85")
    assert ops("plan", "--env", "prod", "--out", str(kept)).code == 0
    changed(declared, "threshold: 85", "threshold: 80")
    assert "high-cpu: the files already match AWS: nothing" in ops("sync", str(kept)).err
    changed(declared, "unhealthy:", "sick:")
    changed(declared, "threshold: 80", "threshold: 85")
    moved = ops("sync", str(kept)).err
    assert "alarms shop-web-sick: the files declare it now" in moved


def set_threshold(name: str, threshold: float) -> None:
    """Change an alarm as somebody would in the console."""
    cloudwatch = boto3.client("cloudwatch")
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    kept = ("AlarmDescription", "Namespace", "MetricName", "Statistic", "Dimensions", "Period")
    more = ("EvaluationPeriods", "ComparisonOperator", "TreatMissingData", "OKActions")
    settings: Any = {key: alarm[key] for key in (*kept, *more) if key in alarm}  # type: ignore[literal-required]
    cloudwatch.put_metric_alarm(AlarmName=name, **settings, Threshold=threshold)


def test_a_plan_of_one_kind_is_not_taken_for_another(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    path = str(workspace / "plan.json")
    ops("alarms", "plan", "--env", "prod", "--out", path)
    refused = ops("images", "sync", path)
    assert refused.code == 1
    assert "is a plan of alarms. Run `ops sync" in refused.err
    assert ops("alarms", "sync", path).code == 0


def test_a_plan_of_another_account_or_region_is_refused(ops: Ops, kept: Path) -> None:
    """The plan only creates, so no existing resource shows that the place is wrong."""
    written = json.loads(kept.read_text())
    assert (written["account"], written["region"]) == ("123456789012", "eu-central-1")
    elsewhere = ops("sync", str(kept), "--region", "us-east-1")
    assert elsewhere.code == 1
    assert "is for account 123456789012 in eu-central-1, and this is account" in elsewhere.err
    assert "in us-east-1. Check AWS_PROFILE" in elsewhere.err
    kept.write_text(json.dumps({**written, "account": "210987654321"}))
    refused = ops("sync", str(kept))
    assert refused.code == 1
    assert "is for account 210987654321 in eu-central-1, and this is account 123456789012" in (
        refused.err
    )
    assert not boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--env", "staging"), "it is for prod, and --env (or OPS_ENV) says staging"),
        (("--app", "other"), "it is for shop, and --app says other"),
        (("--prune",), "it was created without --prune"),
    ],
)
def test_options_that_say_otherwise_are_refused(
    ops: Ops, kept: Path, options: tuple[str, ...], said: str
) -> None:
    refused = ops("sync", str(kept), *options)
    assert refused.code == 1
    assert said in refused.err
    assert "✔" not in refused.out


def test_the_environments_variable_counts_as_an_option(
    ops: Ops, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPS_ENV", "staging")
    assert "(or OPS_ENV) says staging" in ops("sync", str(kept)).err
    monkeypatch.setenv("OPS_ENV", "prod")
    assert ops("sync", str(kept), "--app", "shop").code == 0


def test_the_number_of_deletions_holds_for_a_plan_in_a_file_too(
    ops: Ops, kept: Path, workspace: Path
) -> None:
    ops("sync", str(kept))
    (workspace / "copilot/web/ops.yml").write_text("")
    ops("plan", "--env", "prod", "--prune", "--out", str(kept))
    refused = ops("sync", str(kept), "--prune", "--allow-deletes", "1")
    assert "--allow-deletes 2" in refused.err
    assert ops("sync", str(kept), "--allow-deletes", "2").out.count("✔ deleted") == 2


def test_what_cannot_be_read_is_not_taken_for_moved(
    ops: Ops, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3.client("cloudformation").delete_stack(StackName="shop-prod-web")
    refused = ops("sync", str(kept))
    assert refused.code == 1
    assert "was created. The service `web` is not deployed to `prod` yet" in refused.err
    assert "there is nothing to do any more" not in refused.err


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"ops_plan": 3}', "null", '"text"', '{"ops_plan": 3, "writes": 1}']
)
def test_another_file_is_no_plan(ops: Ops, workspace: Path, content: str) -> None:
    path = workspace / "plan.json"
    path.write_text(content)
    refused = ops("sync", str(path))
    assert refused.code == 1
    assert "is not a plan of ops" in refused.err


def test_another_version_of_the_file(ops: Ops, kept: Path) -> None:
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "ops_plan": 99}))
    assert "another version of ops" in ops("sync", str(kept)).err


def test_a_missing_file_and_one_that_cannot_be_written(ops: Ops, kept: Path) -> None:
    assert "is not a plan of ops (FileNotFoundError" in ops("sync", "nowhere.json").err
    unwritable = ops("plan", "--env", "prod", "--out", "nowhere/plan.json")
    assert unwritable.code == 1
    assert "nowhere/plan.json cannot be written" in unwritable.err


def test_half_a_plan_is_not_kept(ops: Ops, aws: None, workspace: Path) -> None:
    path = workspace / "plan.json"
    planned = ops("plan", "--env", "prod", "--out", str(path))  # nothing is deployed
    assert planned.code == 1
    assert not path.exists()


def test_a_plan_for_a_pull_request(ops: Ops, deployed: dict[str, str]) -> None:
    planned = ops("plan", "--env", "prod", "--output", "markdown").out
    assert planned.startswith("### ops plan: shop, prod\n\n4 to create")
    assert planned.count("```diff") == 3
    assert planned.count("```") == 6
    assert "+ create shop-web-high-cpu\n    AlarmDescription: The web is short of CPU." in planned
