"""Alarms: their states, history and subscribers."""

from __future__ import annotations

import http.server
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.loop.world import World

PERIOD: dict[str, Any] = {"EvaluationPeriods": 1, "TreatMissingData": "notBreaching"}


def run(world: World, values: list[float | None], name: str = "high") -> str:
    """Put a value into each minute; return the states after each, as letters."""
    states = ""
    for value in values:
        world.metric(value)
        world.minutes(1)
        states += world.state(name)[0]
    return states


def test_three_breaching_minutes_set_it_off_and_one_good_one_ends_it(world: World) -> None:
    world.alarm()
    assert run(world, [1, 1, 9, 9, 9, 9, 1]) == "IIOOAAO"


def test_a_new_alarm_is_not_set_off_by_minutes_before_the_start(world: World) -> None:
    """Minutes before the start have no missing data: this AWS did not exist."""
    world.alarm(TreatMissingData="breaching")
    assert run(world, [None] * 8) == "IIIIAAAA"


def test_the_history_tells_each_change_with_its_values(world: World) -> None:
    world.alarm()
    run(world, [1, 1, 1, 9, 9, 9])
    history = world.client("cloudwatch").describe_alarm_history(AlarmName="high")
    summaries = [each["HistorySummary"] for each in history["AlarmHistoryItems"]]
    assert summaries == [
        "Alarm updated from OK to ALARM",
        "Alarm updated from INSUFFICIENT_DATA to OK",
    ]
    (alarm,) = world.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["StateReason"] == (
        "Threshold Crossed: 3 out of the last 3 datapoints [9.0 (06/07/26 12:05:00), "
        "9.0 (06/07/26 12:04:00), 9.0 (06/07/26 12:03:00)] were greater than the threshold (5.0) "
        "(minimum 3 datapoints for OK -> ALARM transition)."
    )


def test_every_decision_is_recorded_with_its_rule(world: World) -> None:
    world.alarm(**PERIOD)
    run(world, [9])
    (entry,) = map(json.loads, (world.directory / "decisions.jsonl").read_text().splitlines())
    assert (entry["kind"], entry["subject"], entry["after"]) == ("alarm", "high", "ALARM")
    assert entry["time"] == "2026-07-06T12:01:00+00:00"
    assert entry["rule"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [9.0")


def test_a_queue_hears_each_change_of_state_once(world: World) -> None:
    sqs, sns = world.client("sqs"), world.client("sns")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    topic = sns.create_topic(Name="page")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
    world.alarm(**PERIOD, AlarmActions=[topic], OKActions=[topic])
    run(world, [1, 9, 9, 1])

    def messages() -> list[dict[str, Any]] | None:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        bodies = [json.loads(json.loads(m["Body"])["Message"]) for m in found.get("Messages", [])]
        return bodies if len(bodies) == 3 else None

    told = until("three notifications", messages) or []
    changes = {(each["OldStateValue"], each["NewStateValue"]) for each in told}
    assert changes == {("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM"), ("ALARM", "OK")}


@pytest.fixture
def subscriber() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield a URL on loopback, and the list of requests that were posted there."""
    posted: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", posted
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_of_loopback_is_called_and_nothing_leaves_the_machine(
    world: World, subscriber: tuple[str, list[dict[str, Any]]]
) -> None:
    url, posted = subscriber
    sns = world.client("sns")
    topic = sns.create_topic(Name="page")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="on-call@example.org")
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://pager.example.org/")
    posted.clear()  # SNS asks for a confirmation first
    world.alarm(**PERIOD, AlarmActions=[topic])
    run(world, [9])
    until("the subscriber is called", lambda: posted)
    assert json.loads(posted[0]["Message"])["AlarmName"] == "high"
    lines = (world.directory / "notifications.jsonl").read_text().splitlines()
    written = [json.loads(line) for line in lines]
    assert [each["to"] for each in written] == ["on-call@example.org", "https://pager.example.org/"]
    assert written[0]["subject"] == 'ALARM: "high" in eu-west-3'


def test_a_state_that_was_set_lasts_until_the_next_evaluation(world: World) -> None:
    world.alarm(**PERIOD)
    run(world, [1])
    world.client("cloudwatch").set_alarm_state(
        AlarmName="high", StateValue="ALARM", StateReason="a test"
    )
    world.minutes(5 / 6)
    assert world.state() == "ALARM"
    world.minutes(1 / 6)
    assert world.state() == "OK"


def test_a_composite_alarm_follows_its_parts_and_waits_for_its_suppressor(world: World) -> None:
    topic = world.client("sns").create_topic(Name="page")["TopicArn"]
    world.alarm("a", **PERIOD)
    world.alarm("quiet", **PERIOD, MetricName="Deploying")
    world.client("cloudwatch").put_composite_alarm(
        AlarmName="both",
        AlarmRule='ALARM("a") AND NOT OK("a")',
        AlarmActions=[topic],
        ActionsSuppressor="quiet",
        ActionsSuppressorWaitPeriod=60,
        ActionsSuppressorExtensionPeriod=60,
    )
    world.metric(9, "Deploying")
    assert run(world, [9], "both") == "A"
    assert _notified(world) == []
    world.metric(1, "Deploying")
    world.minutes(1)  # the suppressor leaves ALARM, and extends its suppression by a minute
    world.metric(9)
    world.minutes(5 / 6)
    assert _notified(world) == []
    world.minutes(1 / 6)
    assert world.state("both") == "ALARM"
    assert _notified(world) == ["both"]


def test_a_muted_alarm_changes_its_state_and_tells_nobody(world: World) -> None:
    topic = world.client("sns").create_topic(Name="page")["TopicArn"]
    world.alarm(**PERIOD, AlarmActions=[topic])
    world.client("cloudwatch").put_alarm_mute_rule(
        Name="maintenance",
        Rule={"Schedule": {"Expression": "at(2026-07-06T12:00)", "Duration": "PT3M"}},
        MuteTargets={"AlarmNames": ["high"]},
    )
    assert run(world, [9, 9], "high") == "AA"
    assert _notified(world) == []
    assert run(world, [9], "high") == "A"
    assert _notified(world) == ["high"]


def test_metric_math_and_short_periods_are_evaluated(world: World) -> None:
    stat = {"Metric": {"Namespace": "Shop", "MetricName": "Load"}, "Period": 10, "Stat": "Sum"}
    expression = "IF(FILL(load, 0) > 5, 1, 0)"
    world.client("cloudwatch").put_metric_alarm(
        AlarmName="fast",
        Metrics=[
            {"Id": "load", "MetricStat": stat, "ReturnData": False},
            {"Id": "e", "Expression": expression, "ReturnData": True},
        ],
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    world.metric(9)
    world.minutes(1 / 6)
    assert world.state("fast") == "ALARM"


def _notified(world: World) -> list[str]:
    entries = world.loop.journal.entries()
    return [each["subject"] for each in entries if each["kind"] == "notification"]
