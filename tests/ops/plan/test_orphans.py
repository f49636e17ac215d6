"""Every plan and sync lists the resources that `ops` created and no file declares."""

from pathlib import Path

import boto3
import pytest

from tests.ops.conftest import Ops
from tests.ops.support import every_kind

WORKER = "queue: {name: jobs, dead_letters: jobs-dead}\n"


@pytest.fixture
def preset(ops: Ops, deployed: dict[str, str], workspace: Path) -> int:
    """Sync the preset `queue-worker`, remove the declaration, and return the number of alarms."""
    declared = workspace / "copilot/worker/ops.yml"
    declared.write_text(f"{WORKER}alarms: {{preset: queue-worker}}\n")
    synced = ops("sync", "--env", "prod")
    assert synced.code == 0, synced
    declared.write_text(WORKER)
    return synced.out.count("✔ created shop-prod-worker-")


def test_a_plan_lists_the_alarms_of_a_preset_that_was_removed(ops: Ops, preset: int) -> None:
    assert preset > 5
    planned = ops("plan", "--env", "prod")
    assert planned.code == 0
    assert planned.out.count("  ? orphaned shop-prod-worker-") == preset
    assert planned.out.endswith(f"{preset} no longer declared: --prune deletes them.\n")
    assert "Nothing to change: all 3 are as declared." in planned.out


def test_a_sync_lists_them_each_time_and_deletes_them_with_prune(ops: Ops, preset: int) -> None:
    for _ in range(2):
        synced = ops("sync", "--env", "prod")
        assert (synced.code, synced.out.count("? orphaned"), "✔" in synced.out) == (
            0,
            preset,
            False,
        )
    pruned = ops("sync", "--env", "prod", "--prune", "--allow-deletes", str(preset))
    assert pruned.out.count("✔ deleted shop-prod-worker-") == preset
    assert "no longer declared" not in ops("plan", "--env", "prod").out


def test_programs_and_pull_requests_read_of_them(ops: Ops, preset: int) -> None:
    data = ops("plan", "--env", "prod", "--output", "json").data
    assert data["summary"]["orphaned"] == preset
    (alarms,) = (each for each in data["kinds"] if each["kind"] == "alarms")
    assert [each["action"] for each in alarms["changes"]].count("orphaned") == preset
    markdown = ops("plan", "--env", "prod", "--output", "markdown").out
    assert markdown.count("\n# orphaned shop-prod-worker-") == preset
    assert f"{preset} no longer declared: --prune deletes them." in markdown


def test_the_exit_code_is_that_of_a_sync_with_the_same_options(ops: Ops, preset: int) -> None:
    assert ops("plan", "--env", "prod", "--exit-code").code == 0
    assert ops("plan", "--env", "prod", "--exit-code", "--prune").code == 2


def test_every_kind_lists_its_orphans(ops: Ops, aws: None, workspace: Path) -> None:
    every_kind.declare(workspace, alarms=2)
    every_kind.deploy()
    assert ops("sync", "--env", "staging").code == 0
    made = ops("plan", "--env", "staging", "--output", "json").data["summary"]["unchanged"]
    for service in ("web", "worker"):
        (workspace / f"copilot/{service}/ops.yml").write_text("")
    shared = "images: {shop/web: {keep: 10}}\ntopics: {}\n"
    (workspace / "copilot/ops.yml").write_text(f"{shared}schedules: {{}}\n")
    planned = ops("plan", "--env", "staging", "--output", "json")
    orphans = {
        kind["kind"]: [each["name"] for each in kind["changes"] if each["action"] == "orphaned"]
        for kind in planned.data["kinds"]
    }
    assert all(names for kind, names in orphans.items() if kind != "dashboards"), orphans
    assert sum(map(len, orphans.values())) == made - 2  # a repository, the dashboard
    assert "dashboards that ops created are not deleted (shop-staging)" in planned.err


@pytest.mark.parametrize("operation", ["GetResources", "ListRules", "DescribeMetricFilters"])
def test_where_they_cannot_be_found_the_plan_says_so_and_goes_on(
    ops: Ops, deployed: dict[str, str], refused: list[str], operation: str
) -> None:
    refused.append(operation)
    planned = ops("plan", "--env", "prod")
    assert planned.code == 0
    assert "4 to create" in planned.out
    assert "warning: Resources that are no longer declared may be missing: AWS does not" in (
        planned.err
    )
    assert ops("plan", "--env", "prod", "--prune").code == 1


def test_a_service_that_declares_nothing_and_cannot_be_read_stops_nothing(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    (workspace / "copilot/worker/ops.yml").unlink()
    (workspace / "copilot/worker/manifest.yml").write_text("name: [\n")
    planned = ops("alarms", "plan", "--env", "prod")
    assert planned.code == 0
    assert "2 to create" in planned.out
    assert "may be missing: " in planned.err


def test_a_rule_of_another_tool_is_no_orphan(ops: Ops, deployed: dict[str, str]) -> None:
    boto3.client("events").put_rule(Name="shop-prod-theirs", ScheduleExpression="rate(1 day)")
    assert "shop-prod-theirs" not in ops("plan", "--env", "prod").out
