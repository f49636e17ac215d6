"""Authors of drift from CloudTrail: a user, Copilot, or autoscaling."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from ops.base.kinds import KINDS
from ops.commands.kinds.flow import surveyed
from ops.commands.options import Options
from ops.plan.authors.author import Event, author_of
from ops.plan.remote import Trace
from tests.ops.conftest import Ops
from tests.ops.support import every_kind
from tests.ops.support.faults import Body, bytes_of
from tests.ops.support.sessions import on_sessions_of_ops

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def event(minutes: int = 0, parameters: object = None, **record: object) -> Event:
    parameters = {"alarmName": "shop-web-high-cpu"} if parameters is None else parameters
    return Event(
        "PutMetricAlarm",
        NOON + timedelta(minutes=minutes),
        {"requestParameters": parameters, **record},
    )


@pytest.mark.parametrize(
    ("record", "author"),
    [
        ({"userIdentity": {"userName": "ada"}}, "ada, manually"),
        (
            {"userIdentity": {"arn": "arn:aws:sts::1:assumed-role/oncall/grace"}},
            "grace, manually",
        ),
        ({}, "somebody, manually"),
        (
            {"userIdentity": {"invokedBy": "cloudformation.amazonaws.com"}},
            "Copilot, through CloudFormation",
        ),
        ({"sourceIPAddress": "cloudformation.amazonaws.com"}, "Copilot, through CloudFormation"),
        (
            {"userIdentity": {"invokedBy": "ecs.application-autoscaling.amazonaws.com"}},
            "an autoscaler",
        ),
        (
            {"userIdentity": {"userName": "ci"}, "userAgent": "[Boto3/1.40 md/Botocore ops]"},
            "ops, run by ci: since then the files have changed",
        ),
    ],
)
def test_who_it_was(record: dict[str, Any], author: str) -> None:
    told = event(**record).author
    assert told == f"{author} (PutMetricAlarm, 2026-11-23 12:00 UTC)"


def test_a_removal_by_ops_says_nothing_of_files() -> None:
    agent = {"userIdentity": {"userName": "ci"}, "userAgent": "[Botocore ops]"}
    assert Event("DeleteAlarms", NOON, agent).author.startswith("ops, run by ci (DeleteAlarms")


def test_the_last_write_counts() -> None:
    traces = [{"alarmName": "shop-web-high-cpu"}, {"alarmNames": "shop-web-high-cpu"}]
    ada, bo = ({"userIdentity": {"userName": name}} for name in ("ada", "bo"))
    written = [event(0, **ada), event(9, **bo)]
    said = "bo, manually (PutMetricAlarm, 2026-11-23 12:09 UTC)"
    assert author_of(traces, written, is_there=True) == said
    assert author_of([{"alarmName": "other"}], written, is_there=True) is None
    assert author_of(traces, written, is_there=False) is None  # the removal is not in the trail yet

    names = {"alarmNames": ["other", "shop-web-high-cpu"]}
    gone = Event("DeleteAlarms", NOON + timedelta(minutes=9), {"requestParameters": names, **ada})
    said = "ada, manually (DeleteAlarms, 2026-11-23 12:09 UTC)"
    assert author_of(traces, [*written[:1], gone], is_there=False) == said
    later = [gone, event(10, **bo)]  # it was made again
    assert author_of(traces, later, is_there=False) is None
    assert "PutMetricAlarm" in (author_of(traces, [*written, gone], is_there=True) or "")


@pytest.mark.parametrize(
    ("trace", "parameters", "is_about"),
    [
        ({"alarmName": "cpu"}, {"alarmName": "cpu"}, True),
        ({"alarmName": "cpu"}, {"alarmName": "cpu-2"}, False),
        ({"alarmNames": "cpu"}, {"alarmNames": ["memory", "cpu"]}, True),
        ({"policyName": "p", "resourceId": "a"}, {"policyName": "p", "resourceId": "a"}, True),
        ({"policyName": "p", "resourceId": "a"}, {"policyName": "p", "resourceId": "b"}, False),
        ({"resourceId": "a", "scheduledActionName": None}, {"resourceId": "a"}, True),
        (
            {"resourceId": "a", "scheduledActionName": None},
            {"resourceId": "a", "scheduledActionName": "up"},
            False,
        ),
        ({"alarmName": "cpu"}, None, False),
    ],
)
def test_what_a_write_was_about(trace: Trace, parameters: object, *, is_about: bool) -> None:
    assert Event("Put", NOON, {"requestParameters": parameters}).is_about([trace]) is is_about


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Answer with CloudTrail records, which moto does not have. The user of `ops` is ada."""
    records: list[dict[str, Any]] = []

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        asked = json.loads(bytes_of(request.body))["LookupAttributes"][0]["AttributeValue"]
        events = [
            {"EventName": asked, "EventTime": at, "CloudTrailEvent": json.dumps(each, default=str)}
            for at, each in enumerate(records, int(NOON.timestamp()))
            if each["eventName"] == asked
        ]
        content = json.dumps({"Events": events}).encode()
        return AWSResponse(request.url, 200, HTTPHeaders(), Body(content))

    def record(params: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401
        given = {f"{name[:1].lower()}{name[1:]}": value for name, value in params.items()}
        ada = {"userName": "ada"}
        records.append({"eventName": model.name, "requestParameters": given, "userIdentity": ada})

    on_sessions_of_ops(monkeypatch, "before-send.cloudtrail", answer)
    on_sessions_of_ops(monkeypatch, "before-parameter-build", record)
    return records


def drift(alarm_name: str) -> None:
    """Change an alarm as a user would."""
    cloudwatch = boto3.client("cloudwatch")
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[alarm_name])["MetricAlarms"]
    kept = ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Period")
    cloudwatch.put_metric_alarm(
        **{key: alarm[key] for key in kept},  # type: ignore[literal-required]
        ComparisonOperator="LessThanThreshold",
        Threshold=1,
        EvaluationPeriods=1,
    )


def test_a_plan_says_who(ops: Ops, deployed: dict[str, str], trail: list[dict[str, Any]]) -> None:
    ops("alarms", "sync", "--env", "prod")
    drift("shop-web-high-cpu")
    boto3.client("cloudwatch").delete_alarms(AlarmNames=["shop-web-unhealthy"])
    by_ada = {"userIdentity": {"userName": "ada"}}
    trail[:] = [
        {
            "eventName": "PutMetricAlarm",
            "requestParameters": {"alarmName": "shop-web-high-cpu"},
            **by_ada,
        },
        {
            "eventName": "DeleteAlarms",
            "requestParameters": {"alarmNames": ["shop-web-unhealthy"]},
            **by_ada,
        },
    ]
    wrote = "ada, manually (PutMetricAlarm, 2026-11-23 12:00 UTC)"
    removed = "ada, manually (DeleteAlarms, 2026-11-23 12:00 UTC)"
    out = ops("plan", "--env", "prod", "--who").out
    assert f"      last written by {wrote}\n" in out
    assert f"      removed by {removed}\n" in out
    out = ops("plan", "--env", "prod", "--who", "--output", "markdown").out
    assert f"\n#   last written by {wrote}\n" in out
    assert f"\n#   removed by {removed}\n" in out
    data = ops("alarms", "plan", "--env", "prod", "--who", "--output", "json").data
    told = {each["name"]: each["last_written_by"] for each in data["kinds"][0]["changes"]}
    assert told == {"shop-web-high-cpu": wrote, "shop-web-unhealthy": removed}


def test_every_kind_knows_its_own_writes_and_removals(
    ops: Ops, aws: None, workspace: Path, trail: list[dict[str, Any]]
) -> None:
    """Copilot's names have a random ending."""
    every_kind.declare(workspace, alarms=2)
    every_kind.deploy()
    assert ops("sync", "--env", "staging").code == 0
    events = [Event(each["eventName"], NOON, each) for each in trail]
    found = surveyed(Options("staging", "text", None, None, None, None), KINDS, prune=False)
    assert [plan.kind for plan in found.survey.plans] == [kind.name for kind in KINDS]
    for plan in found.survey.plans:
        for change in plan.changes:
            author = author_of(found.remotes[plan.kind].traces(change.name), events, is_there=True)
            assert author, change.name
            assert author.startswith("ada, manually ("), change.name

    for kind in KINDS[::-1]:
        assert ops(kind.command, "delete", "--env", "staging").code == 0
    data = ops("plan", "--env", "staging", "--who", "--output", "json").data
    changes = [each for kind in data["kinds"] for each in kind["changes"]]
    assert not [each for each in changes if each["action"] != "create"]
    unknown = {each["name"] for each in changes if each["last_written_by"] is None}
    # Those calls have nothing but an id that AWS made up.
    assert unknown == {
        "shop-staging-page/email/oncall@shop.example",
        "shop-staging-page/https/https://pager.shop.example/in",
        "web/query/errors",
        "worker/query/errors",
    }


def test_without_cloudtrail_the_plan_still_stands(
    ops: Ops, deployed: dict[str, str], refused: list[str]
) -> None:
    ops("alarms", "sync", "--env", "prod")
    drift("shop-web-high-cpu")
    refused.append("LookupEvents")
    planned = ops("alarms", "plan", "--env", "prod", "--who")
    assert planned.code == 0
    assert "~ update shop-web-high-cpu" in planned.out
    assert "The authors of the changes are unknown" in planned.out + planned.err


def test_the_embedded_aws_has_a_trail_too(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    ops("alarms", "sync", "--env", "prod")
    drift("shop-web-high-cpu")
    boto3.client("cloudwatch").delete_alarms(AlarmNames=["shop-web-unhealthy"])
    planned = ops("alarms", "plan", "--env", "prod", "--who").out
    assert "last written by test, manually (PutMetricAlarm, " in planned
    assert "removed by test, manually (DeleteAlarms, " in planned
    ops("alarms", "sync", "--env", "prod")
    declared = workspace / "copilot/web/ops.yml"
    declared.write_text(declared.read_text().replace("threshold: 80", "threshold: 70"))
    planned = ops("alarms", "plan", "--env", "prod", "--who").out
    assert "last written by ops, run by test: since then the files have changed" in planned
