"""The commands that cover all kinds, against moto over HTTP."""

from collections import Counter
from pathlib import Path

import boto3
import pytest

from tests.ops.conftest import Ops

WRITES = ("Put", "Create", "Delete", "Tag", "Untag", "Set", "Register", "Update")


def test_sync_then_plan_is_empty(ops: Ops, deployed: dict[str, str]) -> None:
    synced = ops("sync", "--env", "prod")
    assert synced.code == 0, synced
    assert "✔ created shop-web-high-cpu" in synced.out
    planned = ops("plan", "--env", "prod", "--exit-code")
    assert planned.code == 0, planned
    assert "Nothing to change: all 4 are as declared." in planned.out


def test_a_second_sync_reads_what_is_declared_and_looks_for_orphans_and_writes_nothing(
    ops: Ops, deployed: dict[str, str], calls: list[str]
) -> None:
    ops("sync", "--env", "prod")
    calls.clear()
    assert ops("sync", "--env", "prod").code == 0
    assert Counter(calls) == {
        "ListStackResources": 2,  # web and worker
        "DescribeServices": 1,  # how often they report
        "DescribeAlarms": 1,
        "DescribeScalingPolicies": 1,
        "DescribeRepositories": 1,
        "GetLifecyclePolicy": 1,
        # For what is no longer declared:
        "GetResources": 4,  # alarms, those of policies, repositories, topics
        "DescribeScheduledActions": 3,  # off-hours of each service, minimums of those that scale
        "DescribeScalableTargets": 1,
        "DescribeMetricFilters": 2,
        "DescribeQueryDefinitions": 1,
        "ListRules": 1,
        "GetDashboard": 1,
        "ListAlarmMuteRules": 1,
        # For queues that do not exist:
        "ListQueues": 1,
    }
    assert not [call for call in calls if call.startswith(WRITES)]


def test_plan_shows_without_writing(ops: Ops, deployed: dict[str, str], calls: list[str]) -> None:
    planned = ops("plan", "--env", "prod", "--exit-code")
    assert planned.code == 2
    assert "4 to create" in planned.out
    assert not [call for call in calls if call.startswith(WRITES)]


def test_plan_as_json(ops: Ops, deployed: dict[str, str]) -> None:
    data = ops("plan", "--env", "prod", "--output", "json").data
    assert (data["application"], data["environment"]) == ("shop", "prod")
    assert [kind["kind"] for kind in data["kinds"]] == ["images", "alarms", "scaling"]
    assert data["summary"]["create"] == 4
    assert data["problems"] == []
    alarm = data["kinds"][1]["changes"][0]
    assert alarm["action"] == "create"
    assert {"field": "Threshold", "old": None, "new": 80} in alarm["fields"]


def test_what_is_not_deployed_yet_stops_no_other_kind(
    ops: Ops, aws: None, workspace: object
) -> None:
    synced = ops("sync", "--env", "prod")
    assert synced.code == 1
    assert "✔ created shop/web" in synced.out
    assert "`web` is not deployed to `prod` yet" in synced.err
    assert "copilot svc deploy -n worker -e prod" in synced.err
    assert boto3.client("ecr").describe_repositories()["repositories"]


@pytest.mark.parametrize("kind", ["alarms", "scaling"])  # `ops images list` is another one
def test_each_kind_has_its_own_commands(ops: Ops, deployed: dict[str, str], kind: str) -> None:
    assert ops(kind, "sync", "--env", "prod").code == 0
    assert ops(kind, "plan", "--env", "prod", "--exit-code").code == 0
    listed = ops(kind, "list", "--env", "prod", "--output", "json")
    assert listed.code == 0, listed
    assert listed.data["resources"]
    table = ops(kind, "list", "--env", "prod").out.splitlines()
    assert table[0].startswith("name")
    assert len(table) == 1 + len(listed.data["resources"])


def test_what_all_environments_share_needs_none(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    path = workspace / "copilot/ops.yml"
    path.write_text(path.read_text() + "topics:\n  page-${COPILOT_ENVIRONMENT_NAME}: {}\n")
    assert ops("images", "plan").code == 0
    path.write_text(path.read_text() + "dashboards:\n  prices: ${COPILOT_ENVIRONMENT_NAME}\n")
    assert ops("images", "plan").code == 0


def test_an_environment_has_its_own_names(ops: Ops, deployed: dict[str, str]) -> None:
    ops("alarms", "sync", "--env", "prod")
    planned = ops("alarms", "plan", "--env", "staging", "--output", "json")
    assert planned.code == 1  # not deployed there
    names = [
        alarm["name"]
        for alarm in ops("alarms", "list", "--env", "prod", "--output", "json").data["resources"]
    ]
    assert names == ["shop-web-high-cpu", "shop-web-unhealthy"]
