"""The dashboard in CloudWatch.

moto loses a dashboard's tags, which `ops.local.gaps` keeps, and does not validate the body:
these tests answer in CloudWatch's place.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.ops.support.sessions import on_sessions_of_ops

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ops.conftest import Ops


@pytest.fixture
def declared(workspace: Path, deployed: dict[str, str]) -> Path:
    """Declare dashboards in `copilot/ops.yml`, and deploy everything."""
    path = workspace / "copilot/ops.yml"
    path.write_text("dashboards: {}\n")
    return path


def live(name: str = "shop-prod") -> dict[str, Any]:
    found = boto3.client("cloudwatch").get_dashboard(DashboardName=name)
    return {**found, "body": json.loads(found["DashboardBody"])}


def sync(ops: Ops, *more: str) -> str:
    done = ops("dashboards", "sync", "--env", "prod", *more)
    assert done.code == 0, done
    return done.out


def test_sync_makes_the_dashboard_and_a_second_one_nothing(ops: Ops, declared: Path) -> None:
    assert "✔ created shop-prod" in sync(ops)
    titles = [each["properties"].get("title", "") for each in live()["body"]["widgets"]]
    assert {"web: requests", "worker: tasks"} <= set(titles)
    tags = boto3.client("cloudwatch").list_tags_for_resource(ResourceARN=live()["DashboardArn"])
    assert {"Key": "managed-by", "Value": "ops"} in tags["Tags"]
    assert ops("dashboards", "plan", "--env", "prod", "--exit-code").code == 0


def test_what_someone_drew_in_it_is_taken_back(ops: Ops, declared: Path) -> None:
    sync(ops)
    changed = live()["body"]
    [latency] = [w for w in changed["widgets"] if w["properties"].get("title") == "web: latency"]
    latency["width"] = 24
    changed["widgets"].append({"type": "text", "properties": {"markdown": "mine"}})
    boto3.client("cloudwatch").put_dashboard(
        DashboardName="shop-prod", DashboardBody=json.dumps(changed)
    )
    planned = ops("dashboards", "plan", "--env", "prod", "--exit-code")
    assert planned.code == 2
    assert "widgets: -1, 1 moved" in planned.out
    assert "- mine" in planned.out
    sync(ops)
    assert "mine" not in json.dumps(live()["body"])
    assert ops("dashboards", "plan", "--env", "prod", "--exit-code").code == 0


def test_a_dashboard_of_someone_else_stays(ops: Ops, declared: Path) -> None:
    client = boto3.client("cloudwatch")
    client.put_dashboard(DashboardName="shop-prod", DashboardBody='{"widgets": []}')
    synced = ops("dashboards", "sync", "--env", "prod")
    assert synced.code == 1
    assert "! conflict shop-prod" in synced.out
    assert live()["body"] == {"widgets": []}


def test_delete_takes_the_dashboard_that_nobody_declares_and_prune_does_not(
    ops: Ops, declared: Path
) -> None:
    sync(ops)
    boto3.client("cloudwatch").put_dashboard(
        DashboardName="shop-staging", DashboardBody='{"widgets": []}'
    )
    declared.write_text("")
    assert "deleted" not in sync(ops, "--prune", "--yes")  # another workspace may declare it
    assert "✔ deleted shop-prod" in ops("dashboards", "delete", "--env", "prod").out
    left = boto3.client("cloudwatch").list_dashboards()["DashboardEntries"]
    assert [each["DashboardName"] for each in left] == ["shop-staging"]


def test_a_service_that_is_not_deployed_is_left_out(
    ops: Ops, declared: Path, workspace: Path
) -> None:
    path = workspace / "copilot/mail/manifest.yml"
    path.parent.mkdir()
    path.write_text("name: mail\ntype: Backend Service\n")
    sync(ops)
    assert "mail" not in json.dumps(live()["body"])


def test_what_cloudwatch_finds_wrong_is_an_error(
    ops: Ops, declared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(parsed: dict[str, Any], **_: object) -> None:
        message = {"DataPath": "/widgets/0", "Message": "Should match one schema"}
        parsed["DashboardValidationMessages"] = [message]

    on_sessions_of_ops(monkeypatch, "after-call.cloudwatch.PutDashboard", find)
    synced = ops("dashboards", "sync", "--env", "prod")
    assert synced.code == 1
    assert "/widgets/0: Should match one schema" in synced.out


def test_reading_costs_one_call_beside_the_stacks(
    ops: Ops, declared: Path, calls: list[str]
) -> None:
    sync(ops)
    calls.clear()
    assert ops("dashboards", "plan", "--env", "prod").code == 0
    assert Counter(calls) == {
        "ListStackResources": 2,
        "DescribeServices": 1,
        "GetDashboard": 1,
    }
