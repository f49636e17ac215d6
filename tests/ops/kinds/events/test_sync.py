"""Events in EventBridge: the rules after a sync, and the topics that they notify."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.ops.conftest import Ops

ARN = "arn:aws:sns:eu-central-1:123456789012:shop-prod-"


@pytest.fixture
def declared(workspace: Path, deployed: dict[str, str]) -> Path:
    """Declare the events in the web's ops.yml, and deploy everything with topics."""
    (workspace / "copilot/ops.yml").write_text("topics: {page: {}, warn: {}, info: {}}\n")
    path = workspace / "copilot/web/ops.yml"
    path.write_text("events: {preset: service}\n")
    return path


def sync(ops: Ops, *more: str) -> str:
    done = ops("events", "sync", "--env", "prod", *more)
    assert done.code == 0, done
    return done.out


def live() -> dict[str, Any]:
    return {each["Name"]: each for each in boto3.client("events").list_rules()["Rules"]}


NAME = "shop-prod-web-task-oom"


def test_sync_makes_the_rules_and_a_second_one_nothing(ops: Ops, declared: Path) -> None:
    sync(ops)
    assert len(live()) == 3
    client = boto3.client("events")
    [target] = client.list_targets_by_rule(Rule=NAME)["Targets"]
    assert (target["Id"], target["Arn"]) == ("ops", f"{ARN}warn")
    tags = client.list_tags_for_resource(ResourceARN=live()[NAME]["Arn"])["Tags"]
    assert {"Key": "copilot-service", "Value": "web"} in tags
    assert ops("events", "plan", "--env", "prod", "--exit-code", "--prune").code == 0


def test_drift_is_mended_and_what_others_set_stays(ops: Ops, declared: Path) -> None:
    sync(ops)
    client = boto3.client("events")
    pattern = json.dumps({"source": ["aws.ecs"]})
    client.put_rule(Name=NAME, EventPattern=pattern, State="DISABLED")
    client.put_targets(Rule=NAME, Targets=[{"Id": "theirs", "Arn": f"{ARN}theirs"}])
    declared.write_text("events: {preset: service, define: {task-oom: {severity: page}}}\n")
    planned = ops("events", "plan", "--env", "prod")
    assert f"- {ARN}warn\n        + {ARN}page" in planned.out
    sync(ops)
    assert live()[NAME]["State"] == "DISABLED"
    assert "OutOfMemory" in live()[NAME]["EventPattern"]
    targets = client.list_targets_by_rule(Rule=NAME)["Targets"]
    assert {each["Id"]: each["Arn"] for each in targets} == {
        "ops": f"{ARN}page",
        "theirs": f"{ARN}theirs",
    }


def test_prune_takes_ours_and_leaves_namesakes(ops: Ops, declared: Path) -> None:
    sync(ops)
    pattern = json.dumps({"source": ["aws.ecs"]})
    boto3.client("events").put_rule(Name="shop-prod-web-by-hand", EventPattern=pattern)
    declared.write_text("")
    sync(ops, "--prune")
    assert live().keys() == {"shop-prod-web-by-hand"}


def test_a_rule_of_somebody_else_is_a_conflict(ops: Ops, declared: Path) -> None:
    pattern = json.dumps({"source": ["aws.ecs"]})
    boto3.client("events").put_rule(Name=NAME, EventPattern=pattern)
    synced = ops("events", "sync", "--env", "prod")
    assert synced.code == 1
    assert f"! conflict {NAME}" in synced.out
    assert live()[NAME]["EventPattern"] == pattern


@pytest.fixture
def policy(ops: Ops, declared: Path) -> Callable[[], dict[str, Any]]:
    """Sync, and return the statements of the page topic's policy by their Sid."""
    assert ops("topics", "sync", "--env", "prod").code == 0

    def statements() -> dict[str, Any]:
        found = boto3.client("sns").get_topic_attributes(TopicArn=f"{ARN}page")["Attributes"]
        return {each["Sid"]: each for each in json.loads(found["Policy"])["Statement"]}

    return statements


def put_policy(statements: list[dict[str, Any]]) -> None:
    boto3.client("sns").set_topic_attributes(
        TopicArn=f"{ARN}page",
        AttributeName="Policy",
        AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )


def test_the_topics_let_rules_publish_whatever_sns_makes_of_conditions(
    ops: Ops, policy: Callable[[], dict[str, Any]]
) -> None:
    assert policy()["OpsEvents"] == {
        "Sid": "OpsEvents",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": f"{ARN}page",
    }
    assert len(policy()) == 2, "CloudWatch's alarms publish by the statement that SNS gave"
    assert ops("topics", "plan", "--env", "prod", "--exit-code", "--prune").code == 0


def test_our_statement_comes_back_beside_those_of_others(
    ops: Ops, policy: Callable[[], dict[str, Any]]
) -> None:
    theirs = {**policy()["OpsEvents"], "Sid": "theirs", "Principal": {"AWS": "123456789012"}}
    left = [theirs, *(each for sid, each in policy().items() if sid != "OpsEvents")]
    put_policy(left)
    planned = ops("topics", "plan", "--env", "prod", "--exit-code")
    assert planned.code == 2
    assert "Policy.OpsEvents" in planned.out
    assert ops("topics", "sync", "--env", "prod").code == 0
    assert policy().keys() == {"theirs", "OpsEvents", *(each["Sid"] for each in left)}
    assert policy()["theirs"] == theirs


def test_a_condition_that_an_earlier_sync_put_is_taken_away(
    ops: Ops, policy: Callable[[], dict[str, Any]]
) -> None:
    account = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    put_policy([{**policy()["OpsEvents"], "Condition": account}])
    planned = ops("topics", "plan", "--env", "prod", "--exit-code")
    assert planned.code == 2
    assert "Policy.OpsEvents.Condition" in planned.out
    assert ops("topics", "sync", "--env", "prod").code == 0
    assert "Condition" not in policy()["OpsEvents"]
    assert ops("topics", "plan", "--env", "prod", "--exit-code").code == 0


ROLE = "arn:aws:iam::123456789012:role/shop-prod-events"
AS_A_ROLE = "topics: {page: {}, warn: {}, info: {}, events_role: shop-prod-events}\n"


def roles() -> set[str | None]:
    client = boto3.client("events")
    targets = [client.list_targets_by_rule(Rule=name)["Targets"] for name in live()]
    return {each.get("RoleArn") for found in targets for each in found}


def test_rules_publish_as_a_role_and_the_topics_are_closed_to_others(
    ops: Ops, policy: Callable[[], dict[str, Any]], workspace: Path
) -> None:
    sync(ops)
    assert roles() == {None}
    theirs = {**policy()["OpsEvents"], "Sid": "theirs", "Principal": {"AWS": "123456789012"}}
    put_policy([theirs, *policy().values()])
    before = policy()
    (workspace / "copilot/ops.yml").write_text(AS_A_ROLE)
    sync(ops)
    assert roles() == {ROLE}
    assert ops("topics", "sync", "--env", "prod").code == 0
    assert policy() == {sid: each for sid, each in before.items() if sid != "OpsEvents"}
    for kind in ("topics", "events"):
        assert ops(kind, "plan", "--env", "prod", "--exit-code", "--prune").code == 0


def test_a_topic_is_not_closed_to_rules_without_a_role(
    ops: Ops, policy: Callable[[], dict[str, Any]], workspace: Path
) -> None:
    sync(ops)
    (workspace / "copilot/ops.yml").write_text(AS_A_ROLE)
    synced = ops("topics", "sync", "--env", "prod")
    assert synced.code == 1
    assert "deploy-failed notifies shop-prod-page without a role" in synced.out + synced.err
    assert "`ops events sync --env prod`" in synced.out + synced.err
    assert "OpsEvents" in policy()


def test_one_sync_gives_rules_their_role_before_it_closes_the_topics(
    ops: Ops, policy: Callable[[], dict[str, Any]], workspace: Path, calls: list[str]
) -> None:
    sync(ops)
    (workspace / "copilot/ops.yml").write_text(AS_A_ROLE)
    calls.clear()
    synced = ops("sync", "--env", "prod", "--yes")
    assert synced.code == 0, synced
    assert roles() == {ROLE}
    assert "OpsEvents" not in policy()
    last_rule = len(calls) - 1 - calls[::-1].index("PutTargets")
    assert last_rule < calls.index("SetTopicAttributes")
    assert ops("plan", "--env", "prod", "--exit-code").code == 0


def test_without_the_role_the_topics_are_open_to_rules_again(
    ops: Ops, declared: Path, workspace: Path
) -> None:
    (workspace / "copilot/ops.yml").write_text(AS_A_ROLE)
    assert ops("topics", "sync", "--env", "prod").code == 0
    sync(ops)
    assert ops("topics", "plan", "--env", "prod", "--exit-code").code == 0
    (workspace / "copilot/ops.yml").write_text("topics: {page: {}, warn: {}, info: {}}\n")
    assert ops("topics", "sync", "--env", "prod").code == 0
    sync(ops)
    assert roles() == {None}
    attributes = boto3.client("sns").get_topic_attributes(TopicArn=f"{ARN}page")["Attributes"]
    assert "OpsEvents" in attributes["Policy"]


def test_the_last_statement_of_a_topic_is_not_taken_away(
    ops: Ops, policy: Callable[[], dict[str, Any]], workspace: Path
) -> None:
    put_policy([policy()["OpsEvents"]])
    (workspace / "copilot/ops.yml").write_text(AS_A_ROLE)
    synced = ops("topics", "sync", "--env", "prod")
    assert synced.code == 1
    assert "shop-prod-page would have no statement left" in synced.out + synced.err
    assert policy().keys() == {"OpsEvents"}
