"""A plan in a file is carried out as it was reviewed, or not at all."""

import json
from pathlib import Path

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
    assert "alarms shop-web-high-cpu: there is nothing to do any more" in again.err
    assert "Make the plan again" in again.err


def test_drift_since_the_review_is_told(ops: Ops, kept: Path) -> None:
    ops("sync", "--env", "prod")
    cloudwatch = boto3.client("cloudwatch")
    cloudwatch.disable_alarm_actions(AlarmNames=["shop-web-high-cpu"])  # not declared: no drift
    assert ops("plan", "--env", "prod", "--out", str(kept)).code == 0
    cloudwatch.delete_alarms(AlarmNames=["shop-web-unhealthy"])
    moved = ops("sync", str(kept))
    assert moved.code == 1
    assert "alarms shop-web-unhealthy: was not in the plan" in moved.err
    assert "✔" not in moved.out


def test_a_change_of_the_files_since_the_review_is_told(
    ops: Ops, kept: Path, workspace: Path
) -> None:
    path = workspace / "copilot/web/ops.yml"
    path.write_text(path.read_text().replace("threshold: 80", "threshold: 90"))
    moved = ops("sync", str(kept))
    assert moved.code == 1
    assert "alarms shop-web-high-cpu: would be another change" in moved.err


def test_a_plan_of_one_kind_is_not_taken_for_another(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    path = str(workspace / "plan.json")
    ops("alarms", "plan", "--env", "prod", "--out", path)
    refused = ops("images", "sync", path)
    assert refused.code == 1
    assert "is a plan of alarms. Use `ops sync` for it." in refused.err
    assert ops("alarms", "sync", path).code == 0


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"ops_plan": 1}', "null", '"text"', '{"ops_plan": 2}']
)
def test_another_file_is_no_plan(ops: Ops, workspace: Path, content: str) -> None:
    path = workspace / "plan.json"
    path.write_text(content)
    refused = ops("sync", str(path))
    assert refused.code == 1
    assert "is no plan of ops" in refused.err


def test_another_version_of_the_file(ops: Ops, kept: Path) -> None:
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "ops_plan": 99}))
    assert "another version of ops" in ops("sync", str(kept)).err


def test_a_missing_file_and_one_that_cannot_be_written(ops: Ops, kept: Path) -> None:
    assert "is no plan of ops (FileNotFoundError" in ops("sync", "nowhere.json").err
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
