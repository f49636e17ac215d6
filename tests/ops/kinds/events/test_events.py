"""Events: which rules are decided, what they match and say, and what EventBridge makes of it."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.events.models import EventPattern
from moto.events.utils import EventTemplateParser
from pydantic import ValidationError

from ops.copilot.place import ServicePlace, ServiceStack
from ops.kinds.events.desired import PRESET, desired, rule_name, warnings
from ops.kinds.events.settings import Settings
from ops.kinds.topics.settings import Settings as Topics
from tests.ops.conftest import Ops

RUNBOOKS = Path(__file__).parents[4] / "docs" / "runbooks"
ARN = "arn:aws:sns:eu-central-1:123456789012:shop-prod-"
STACK = ServiceStack(
    "shop-prod-web", "shop-prod", "shop-web", account="123456789012", region="eu-central-1"
)
TARGETS = {each: f"{ARN}{each}" for each in ("page", "warn", "info")}


def place(service: str = "web", severities: Iterable[str] = TARGETS) -> ServicePlace:
    topics = Topics.model_validate({each: {} for each in severities})
    return ServicePlace("shop", "prod", service, STACK, shared={"topics": topics})


def rules(**define: object) -> dict[str, Any]:
    settings = Settings.model_validate(
        {"preset": "service", "runbooks": "docs/runbooks", "define": define}
    )
    wanted = desired(settings, place())
    return {each.name.removeprefix("shop-prod-web-"): each.properties for each in wanted}


def deployment(**detail: object) -> dict[str, Any]:
    return {
        "source": "aws.ecs",
        "detail-type": "ECS Deployment State Change",
        "time": "2026-11-25T03:00:00Z",
        "resources": ["arn:aws:ecs:eu-central-1:123456789012:service/shop-prod/shop-web"],
        "detail": {
            "eventName": "SERVICE_DEPLOYMENT_FAILED",
            "deploymentId": "ecs-svc/123",
            "reason": "ECS deployment circuit breaker: tasks failed to start.",
            **detail,
        },
    }


def task(**detail: object) -> dict[str, Any]:
    return {
        "source": "aws.ecs",
        "detail-type": "ECS Task State Change",
        "time": "2026-11-25T03:00:00Z",
        "detail": {
            "clusterArn": "arn:aws:ecs:eu-central-1:123456789012:cluster/shop-prod",
            "group": "service:shop-web",
            "lastStatus": "STOPPED",
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "taskArn": "arn:aws:ecs:eu-central-1:123456789012:task/shop-prod/abc",
            "containers": [{"name": "web", "exitCode": 0}],
            **detail,
        },
    }


KILLED = "OutOfMemoryError: Container killed due to memory usage"
SPOT = {"stopCode": "SpotInterruption", "stoppedReason": "Your Spot Task was interrupted."}


def matching(event: dict[str, Any]) -> set[str]:
    """The rules that take the event. EventBridge looks into lists of objects, moto does not."""
    detail = dict(event["detail"])
    if containers := detail.get("containers"):
        keys = {key for each in containers for key in each}
        detail["containers"] = {key: [each.get(key) for each in containers] for key in keys}
    flat: Any = {**event, "detail": detail}
    patterns = {name: json.loads(each["EventPattern"]) for name, each in rules().items()}
    return {
        name
        for name, pattern in patterns.items()
        if EventPattern(None, pattern).matches_event(flat)
    }


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (deployment(), {"deploy-failed"}),
        (deployment(eventName="SERVICE_DEPLOYMENT_COMPLETED"), set()),
        ({**deployment(), "resources": ["arn:aws:ecs:x:1:service/shop-prod/other"]}, set()),
        (task(), set()),
        (task(containers=[{"exitCode": 137}]), set()),  # killed after its stop timeout
        (task(containers=[{"exitCode": 0}, {"exitCode": 137, "reason": KILLED}]), {"task-oom"}),
        (task(stoppedReason=KILLED), {"task-oom"}),
        (task(stoppedReason=KILLED, group="service:other"), set()),
        (task(stoppedReason=KILLED, clusterArn="arn:aws:ecs:x:1:cluster/other"), set()),
        (task(**SPOT), {"spot-interrupted"}),
        (task(**SPOT, lastStatus="DEACTIVATING"), set()),
    ],
)
def test_each_rule_takes_its_event_once_and_of_its_service_alone(
    event: dict[str, Any], expected: set[str]
) -> None:
    assert matching(event) == expected


def test_the_message_says_what_why_and_what_to_do() -> None:
    target = rules()["deploy-failed"]["Target"]
    event: Any = {**deployment(), "ingestion-time": "2026-11-25T03:00:01Z"}
    said = EventTemplateParser.parse(
        target["InputTransformer"]["InputTemplate"],
        target["InputTransformer"]["InputPathsMap"],
        event,
    )
    assert "shop prod web: deploy-failed. A deployment failed" in str(said)
    assert "Runbook: docs/runbooks/deploy-failed.md (ops: copilot/web/ops.yml)" in str(said)
    assert "It says: ECS deployment circuit breaker: tasks failed to start." in str(said)


def test_the_message_of_any_summary_is_a_json_string() -> None:
    odd = rules(**{"deploy-failed": {"summary": 'A "bad" <thing>\\n'}})["deploy-failed"]
    template = odd["Target"]["InputTransformer"]["InputTemplate"]
    assert 'A "bad" (thing)' in json.loads(template)
    assert "<thing>" not in template


def test_severities_are_those_of_the_preset_or_as_defined() -> None:
    assert {name: each["Target"]["Arn"] for name, each in rules().items()} == {
        "deploy-failed": TARGETS["page"],
        "task-oom": TARGETS["warn"],
        "spot-interrupted": TARGETS["info"],
    }
    changed = rules(**{"task-oom": {"severity": "page"}, "spot-interrupted": "off"})
    assert changed["task-oom"]["Target"]["Arn"] == TARGETS["page"]
    assert changed.keys() == {"deploy-failed", "task-oom"}


def test_a_severity_without_a_topic_makes_no_rule_and_says_so() -> None:
    silent = place(severities=["page"])
    settings = Settings(preset="service")
    assert [each.name for each in desired(settings, silent)] == ["shop-prod-web-deploy-failed"]
    assert len(warnings(settings, silent)) == 2
    assert "no topic `warn`" in warnings(settings, silent)[0]


def test_a_name_that_is_too_long_is_shortened_and_stays_unique() -> None:
    long = place(60 * "w")
    names = {rule_name(each, long) for each in PRESET}
    assert len(names) == len(PRESET)
    assert {len(name) for name in names} == {64}


def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"preset": "service", "define": {"deploy-faild": "off"}})
    with pytest.raises(ValidationError):
        Settings.model_validate({"preset": "service", "define": {"task-oom": "on"}})


def test_every_event_has_its_runbook() -> None:
    assert all((RUNBOOKS / f"{name}.md").is_file() for name in PRESET)


@pytest.fixture
def declared(workspace: Path, deployed: dict[str, str]) -> Path:
    """The web's ops.yml, which declares the events; all is deployed, with topics."""
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
    assert f"Target.Arn    {ARN}warn → {ARN}page" in planned.out
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
    """The statements of the page's topic by their Sid, after a sync."""
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
