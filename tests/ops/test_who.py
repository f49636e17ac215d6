"""Drift by hand, by Copilot and by an autoscaler are told apart by the trail."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from ops.trail.author import Event, authors
from tests.ops.conftest import Ops
from tests.ops.faults import Body, bytes_of

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
        ({"userIdentity": {"userName": "ada"}}, "ada, by hand"),
        (
            {"userIdentity": {"arn": "arn:aws:sts::1:assumed-role/oncall/grace"}},
            "grace, by hand",
        ),
        ({}, "somebody, by hand"),
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


def test_the_last_write_counts() -> None:
    events = [event(0, userIdentity={"userName": "ada"}), event(9, userIdentity={"userName": "bo"})]
    assert authors(["shop-web-high-cpu", "other"], events) == {
        "shop-web-high-cpu": "bo, by hand (PutMetricAlarm, 2026-11-23 12:09 UTC)"
    }


@pytest.mark.parametrize(
    ("name", "parameters", "is_about"),
    [
        ("shop-web-high-cpu", {"alarmName": "shop-web-high-cpu"}, True),
        ("shop-web-high-cpu", {"alarmName": "shop-web-high-cpu-2"}, False),
        ("shop/web", {"repositoryName": "shop/web"}, True),
        (
            "worker/ops-queue-depth",
            {"policyName": "ops-queue-depth", "resourceId": "service/shop-prod/shop-worker"},
            True,
        ),
        (
            "worker/ops-queue-depth",
            {"policyName": "ops-queue-depth", "resourceId": "service/shop-prod/shop-mailer"},
            False,
        ),
        ("shop-web-high-cpu", None, False),
    ],
)
def test_what_a_write_was_about(name: str, parameters: object, *, is_about: bool) -> None:
    given = Event("Put", NOON, {"requestParameters": parameters})
    assert given.is_about(name) is is_about


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What CloudTrail answers, which moto cannot: the calls' records."""
    records: list[dict[str, Any]] = []

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        asked = json.loads(bytes_of(request.body))["LookupAttributes"][0]["AttributeValue"]
        events = [
            {"EventName": asked, "EventTime": NOON.timestamp(), "CloudTrailEvent": json.dumps(each)}
            for each in records
            if each["eventName"] == asked
        ]
        content = json.dumps({"Events": events}).encode()
        return AWSResponse(request.url, 200, HTTPHeaders(), Body(content))

    class TrailedSession(boto3.Session):
        def __init__(self, **settings: str | None) -> None:
            super().__init__(**settings)  # type: ignore[arg-type]
            self.events.register("before-send.cloudtrail", answer)  # type: ignore[arg-type]

    monkeypatch.setattr("ops.aws.boto3.Session", TrailedSession)
    return records


def drift(alarm_name: str) -> None:
    """Somebody changes an alarm."""
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
    trail.append(
        {
            "eventName": "PutMetricAlarm",
            "userIdentity": {"userName": "ada"},
            "requestParameters": {"alarmName": "shop-web-high-cpu"},
        }
    )
    said = "ada, by hand (PutMetricAlarm, 2026-11-23 12:00 UTC)"
    assert f"      last written by {said}" in ops("plan", "--env", "prod", "--who").out
    data = ops("alarms", "plan", "--env", "prod", "--who", "--output", "json").data
    told = {each["name"]: each["last_written_by"] for each in data["kinds"][0]["changes"]}
    assert told == {"shop-web-high-cpu": said, "shop-web-unhealthy": None}


def test_without_cloudtrail_the_plan_still_stands(
    ops: Ops, deployed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudTrail does not answer: moto has no history of events."""
    ops("alarms", "sync", "--env", "prod")
    drift("shop-web-high-cpu")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    planned = ops("alarms", "plan", "--env", "prod", "--who")
    assert planned.code == 0
    assert "~ update shop-web-high-cpu" in planned.out
    assert "Nobody can say who changed it" in planned.out + planned.err
