"""EventBridge: the rules that match an event, and the input of their targets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.logs.models import logs_backends

from ops.local.plane import ControlPlane
from ops.local.plane.events import Event, input_of
from ops.local.plane.notifications import FILE
from ops.local.plane.schedules import Schedules
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from ops.local.endpoint.server import EmbeddedAws

REGION = "eu-south-1"  # its own, so that nothing of other tests is in it
SERVICE = f"arn:aws:ecs:{REGION}:{DEFAULT_ACCOUNT_ID}:service/shop/web"
FAILED = Event(
    "ECS Deployment State Change",
    (SERVICE,),
    {"eventName": "SERVICE_DEPLOYMENT_FAILED", "reason": 'it "died"', "deploymentId": "ecs-svc/1"},
)


@pytest.fixture
def plane(aws: EmbeddedAws, tmp_path: Path) -> ControlPlane:
    """Return a control plane that writes into a directory."""

    def fail(fault: str) -> None:
        raise AssertionError(fault)

    return ControlPlane(REGION, fail, tmp_path)


def rule(aws: EmbeddedAws, pattern: dict[str, Any], target: dict[str, Any]) -> None:
    """Put the only rule of the region."""
    events = aws.client("events", region=REGION)
    events.put_rule(Name="only", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="only", Targets=[{"Id": "ops", **target}])


def delivered(plane: ControlPlane) -> list[dict[str, Any]]:
    """Return the deliveries in the journal."""
    return [each for each in plane.journal.entries() if each["kind"] == "event"]


def test_a_topic_gets_the_text_of_the_transformer(
    aws: EmbeddedAws, plane: ControlPlane, tmp_path: Path
) -> None:
    sns = aws.client("sns", region=REGION)
    topic = sns.create_topic(Name="page")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ada@example.org")
    transformer = {
        "InputPathsMap": {"why": "$.detail.reason", "which": "$.detail.deploymentId"},
        "InputTemplate": '"Failed: <why> (<which>)"',
    }
    pattern = {"source": ["aws.ecs"], "detail": {"eventName": [{"suffix": "FAILED"}]}}
    rule(aws, pattern, {"Arn": topic, "InputTransformer": transformer})
    plane.events.send(Event("ECS Deployment State Change", (SERVICE,), {"eventName": "other"}))
    plane.events.send(FAILED)
    (entry,) = until("it is delivered", lambda: delivered(plane))
    assert entry["resources"] == [SERVICE]
    mail = json.loads((tmp_path / FILE).read_text())
    assert mail["to"] == "ada@example.org"
    assert json.loads(mail["message"]) == 'Failed: it "died" (ecs-svc/1)'


def test_a_log_group_gets_the_whole_event_and_a_pattern_looks_into_each_container(
    aws: EmbeddedAws, plane: ControlPlane
) -> None:
    aws.client("logs", region=REGION).create_log_group(logGroupName="/events")
    arn = f"arn:aws:logs:{REGION}:{DEFAULT_ACCOUNT_ID}:log-group:/events"
    pattern = {"detail": {"containers": {"reason": [{"prefix": "OutOfMemory"}]}}}
    rule(aws, pattern, {"Arn": arn})
    containers = [{"name": "one"}, {"name": "two", "reason": "OutOfMemoryError: killed"}]
    plane.events.send(Event("ECS Task State Change", (), {"containers": containers}))
    until("it is delivered", lambda: delivered(plane))
    (stream,) = logs_backends[DEFAULT_ACCOUNT_ID][REGION].groups["/events"].streams.values()
    event = json.loads(stream.events[0].message)
    assert (event["source"], event["detail"]["containers"]) == ("aws.ecs", containers)


def test_a_target_that_is_not_here_is_said_to_be_missed(
    aws: EmbeddedAws, plane: ControlPlane
) -> None:
    gone = f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:gone"
    rule(aws, {"source": ["aws.ecs"]}, {"Arn": gone})
    plane.events.send(FAILED)
    (entry,) = until("it is decided", lambda: delivered(plane))
    assert entry["delivered"] is False


def test_a_disabled_rule_sees_nothing(aws: EmbeddedAws, plane: ControlPlane) -> None:
    gone = f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:gone"
    rule(aws, {"source": ["aws.ecs"]}, {"Arn": gone})
    events = aws.client("events", region=REGION)
    events.disable_rule(Name="only")
    plane.events.send(FAILED)
    events.put_rule(Name="only", EventPattern=json.dumps({"source": ["aws.ecs"]}), State="ENABLED")
    plane.events.send(FAILED)
    until("the second is delivered", lambda: delivered(plane))
    assert len(delivered(plane)) == 1


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"Input": "fixed"}, "fixed"),
        ({"InputPath": "$.detail"}, '{"a": [1, 2]}'),
        ({"InputPath": "$.detail.a"}, "[1, 2]"),
        ({}, '{"detail": {"a": [1, 2]}}'),
        (
            {"InputTransformer": {"InputPathsMap": {"a": "$.detail.a"}, "InputTemplate": "<a><b>"}},
            "[1, 2]",
        ),
    ],
)
def test_a_target_chooses_its_input(settings: dict[str, Any], text: str) -> None:
    assert input_of({"Arn": "x", **settings}, {"detail": {"a": [1, 2]}}) == text


def test_a_schedule_goes_by_the_clock_of_the_control_plane(
    aws: EmbeddedAws, plane: ControlPlane
) -> None:
    events, sqs = aws.client("events", region=REGION), aws.client("sqs", region=REGION)
    url = sqs.create_queue(QueueName="nightly")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:nightly"
    for name, schedule in (("at-three", "cron(0 3 * * ? *)"), ("broken", "cron(0 99 * * ? *)")):
        events.put_rule(Name=name, ScheduleExpression=schedule)
        events.put_targets(Rule=name, Targets=[{"Id": "one", "Arn": arn}])
    faults: list[str] = []
    schedules = Schedules(REGION, plane.journal, plane.events.deliver, faults.append)
    night = datetime(2026, 7, 6, 2, 59, 50, tzinfo=UTC).timestamp()
    for seconds in (0, 10, 20):
        schedules.run(night + seconds)
    events.disable_rule(Name="at-three")
    schedules.run(night + 86_410)
    (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(message["Body"])["time"] == "2026-07-06T03:00:00Z"
    assert "The schedule of the rule broken cannot be run" in faults[0]
    for name in ("at-three", "broken"):
        events.remove_targets(Rule=name, Ids=["one"])
        events.delete_rule(Name=name)


def test_a_state_machine_gets_an_execution(aws: EmbeddedAws, plane: ControlPlane) -> None:
    states = aws.client("stepfunctions", region=REGION)
    task = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "End": True}
    arn = states.create_state_machine(
        name="job",
        definition=json.dumps({"StartAt": "Run", "States": {"Run": task}}),
        roleArn=f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/machine",
    )["stateMachineArn"]
    assert plane.events.deliver(arn, '{"of": "rule"}')
    (execution,) = states.list_executions(stateMachineArn=arn)["executions"]
    described = states.describe_execution(executionArn=execution["executionArn"])
    assert described["input"] == '{"of": "rule"}'
    assert not plane.events.deliver(f"{arn}-gone", "{}")
