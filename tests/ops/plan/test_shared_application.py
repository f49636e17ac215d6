"""Two workspaces of one Copilot application: each leaves the other's resources alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.ops.conftest import Ops
from tests.ops.support.copilot_stacks import deploy_worker

ACCOUNT = "eu-central-1:123456789012"
THEIRS = {
    "copilot/.workspace": "application: shop\n",
    "copilot/environments/prod/manifest.yml": "name: prod\ntype: Environment\n",
    "copilot/payments/manifest.yml": "name: payments\ntype: Backend Service\n",
    "copilot/payments/ops.yml": "alarms: {preset: service}\n",
}


@pytest.fixture
def theirs(
    deployed: dict[str, str], workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """Change to a second workspace of the application, with a deployed service of its own."""
    deploy_worker("shop", "prod", "payments")
    for name, text in THEIRS.items():
        path = tmp_path / "theirs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def go() -> None:
        monkeypatch.chdir(tmp_path / "theirs")

    return go


def names() -> set[str]:
    answer = boto3.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm"])
    return {each["AlarmName"] for each in answer["MetricAlarms"]}


OURS = {"shop-web-high-cpu", "shop-web-unhealthy"}


def test_prune_list_and_delete_leave_the_alarms_of_the_other_workspace(
    ops: Ops, theirs: Callable[[], None]
) -> None:
    assert ops("alarms", "sync", "--env", "prod").code == 0
    theirs()
    assert ops("alarms", "sync", "--env", "prod").code == 0
    both = names()
    assert len(both) == 5
    pruned = ops("alarms", "sync", "--env", "prod", "--prune")
    assert (pruned.code, names()) == (0, both)
    assert "alarms of `web` (2) are left alone" in pruned.err
    listed = ops("alarms", "list", "--env", "prod", "--output", "json").data["resources"]
    assert {each["name"] for each in listed} == both - OURS
    assert ops("alarms", "delete", "--env", "prod").code == 0
    assert names() == OURS


def test_an_alarm_whose_service_is_gone_is_surplus_for_either(
    ops: Ops, theirs: Callable[[], None]
) -> None:
    ops("alarms", "sync", "--env", "prod")
    theirs()
    boto3.client("cloudformation").delete_stack(StackName="shop-prod-web")
    planned = ops("alarms", "plan", "--env", "prod", "--prune")
    assert "- delete shop-web-high-cpu" in planned.out
    assert planned.err == ""


def test_an_alarm_of_the_same_name_in_the_other_workspace_is_a_conflict(
    ops: Ops, theirs: Callable[[], None]
) -> None:
    ops("alarms", "sync", "--env", "prod")
    theirs()
    Path("copilot/payments/ops.yml").write_text("alarms:\n  prefix: shop-web-\n  preset: service\n")
    synced = ops("alarms", "sync", "--env", "prod")
    assert synced.code == 1
    assert "! conflict shop-web-high-cpu" in synced.out


def test_an_alarm_that_moves_to_another_service_of_the_workspace_stays_ours(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    ops("alarms", "sync", "--env", "prod")
    path = workspace / "copilot/web/ops.yml"
    (workspace / "copilot/worker/ops.yml").write_text(
        path.read_text().replace("of: target-group", "").split("    unhealthy:")[0]
        + "environments:\n  prod:\n    alarms: {prefix: shop-web-}\n"
    )
    path.write_text("")
    assert "~ update shop-web-high-cpu" in ops("alarms", "plan", "--env", "prod").out


SHARED = "topics: {page: {email: [a@shop.example]}}\ndashboards: {}\n"


@pytest.mark.parametrize(
    "their_file", [None, f"topics: {{page: {{arn: arn:aws:sns:{ACCOUNT}:shop-prod-page}}}}\n"]
)
def test_what_the_application_shares_is_the_workspaces_that_speaks_of_it(
    ops: Ops, workspace: Path, theirs: Callable[[], None], their_file: str | None
) -> None:
    path = workspace / "copilot/ops.yml"
    path.write_text(SHARED)
    assert ops("sync", "--env", "prod").code == 0
    theirs()
    if their_file is not None:
        Path("copilot/ops.yml").write_text(their_file)
    pruned = ops("sync", "--env", "prod", "--prune")
    assert pruned.code == 0
    assert "delete" not in pruned.out
    assert "copilot/ops.yml has no section `dashboards`" in pruned.err
    sns: Any = boto3.client("sns")
    topic = f"arn:aws:sns:{ACCOUNT}:shop-prod-page"
    assert len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]) == 1
    assert boto3.client("cloudwatch").list_dashboards()["DashboardEntries"]


def test_delete_takes_what_is_shared_also_without_a_word_in_the_file(
    ops: Ops, workspace: Path, theirs: Callable[[], None]
) -> None:
    (workspace / "copilot/ops.yml").write_text(SHARED)
    ops("topics", "sync", "--env", "prod")
    (workspace / "copilot/ops.yml").write_text("")
    assert "shop-prod-page" in ops("topics", "list", "--env", "prod").out
    assert ops("topics", "delete", "--env", "prod").code == 0
    assert boto3.client("sns").list_topics()["Topics"] == []
