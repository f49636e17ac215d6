"""The metrics of queues, load balancers and log lines, with AWS's names."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.elbv2.models import elbv2_backends

from ops.local.fargate.balancers.requests import Answer
from ops.local.loop.publish.lines import metrics_in
from tests.local.loop.world import REGION, World

if TYPE_CHECKING:
    from pathlib import Path

    from ops.local.endpoint.server import EmbeddedAws

QUEUE = {"QueueName": "orders"}


def queue(world: World, messages: int = 0) -> str:
    url: str = world.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    for number in range(messages):
        world.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))
    return url


def sqs_data(world: World, name: str, stat: str = "Maximum") -> list[float]:
    return world.data("AWS/SQS", name, stat, **QUEUE)


def test_a_queues_depth_comes_a_minute_late(world: World) -> None:
    queue(world, messages=3)
    world.minutes(1)
    assert sqs_data(world, "ApproximateNumberOfMessagesVisible") == []
    world.minutes(1)
    assert sqs_data(world, "ApproximateNumberOfMessagesVisible") == [3]


def test_counters_are_reported_when_something_happened(world: World) -> None:
    url = queue(world, messages=2)
    world.minutes(1)
    sqs = world.client("sqs")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    world.minutes(1)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    world.minutes(2)
    assert sqs_data(world, "NumberOfMessagesSent", "Sum") == [2]
    assert sqs_data(world, "NumberOfMessagesReceived", "Sum") == [1]
    assert sqs_data(world, "NumberOfMessagesDeleted", "Sum") == [1]
    assert sqs_data(world, "ApproximateNumberOfMessagesNotVisible") == [1]
    assert sqs_data(world, "ApproximateNumberOfMessagesVisible") == [2, 1, 1]


def test_the_age_is_reported_while_there_is_a_message(world: World) -> None:
    queue(world)
    world.minutes(2)
    assert sqs_data(world, "ApproximateAgeOfOldestMessage") == []
    queue(world, messages=1)
    world.minutes(2)
    (age,) = sqs_data(world, "ApproximateAgeOfOldestMessage")
    assert 0 <= age < 60


def test_an_idle_queue_falls_silent_and_comes_back_late(world: World) -> None:
    """After six hours without a call a message appears in the metrics 15 minutes late."""
    queue(world)
    world.minutes(6 * 60 + 5)
    before = sqs_data(world, "ApproximateNumberOfMessagesVisible")
    queue(world, messages=1)
    world.minutes(14)
    assert 1 not in sqs_data(world, "ApproximateNumberOfMessagesVisible")
    world.minutes(3)
    assert len(before) < 60  # the last minutes of the hour have no point
    assert 1 in sqs_data(world, "ApproximateNumberOfMessagesVisible")


def test_hosts_and_requests_of_a_load_balancer(world: World) -> None:
    arn = "arn:aws:elasticloadbalancing:eu-west-3:1:loadbalancer/app/shop/1"
    group = "arn:aws:elasticloadbalancing:eu-west-3:1:targetgroup/web/2"
    for seconds, status in ((0.1, 200), (0.3, 500)):
        world.requests.add(arn, Answer(status, seconds, group, is_targets=True))
    world.requests.add(arn, Answer(503))
    world.minutes(2)
    names = {"LoadBalancer": "app/shop/1", "TargetGroup": "targetgroup/web/2"}
    assert world.data("AWS/ApplicationELB", "RequestCount", "Sum", **names)[0] == 2
    assert world.data("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum", **names)[0] == 1
    times = world.data("AWS/ApplicationELB", "TargetResponseTime", "Average", **names)
    assert times[0] == pytest.approx(0.2)
    whole = {"LoadBalancer": "app/shop/1"}
    assert world.data("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "Sum", **whole)[0] == 1


def line(**entry: float | str) -> str:
    metrics = [{"Name": "Duration", "Unit": "Seconds"}]
    directive = {"Namespace": "Shop", "Dimensions": [["Task"]], "Metrics": metrics}
    return json.dumps({"_aws": {"CloudWatchMetrics": [directive]}, **entry})


def test_a_log_line_becomes_a_metric(world: World) -> None:
    log_group(world)
    write(world, *(line(Task="charge", Duration=value) for value in (1, 3)))
    world.minutes(2)
    assert world.data("Shop", "Duration", "Average", Task="charge")[0] == 2


def write(world: World, *messages: str) -> None:
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": message} for message in messages]
    world.client("logs").put_log_events(logGroupName="shop", logStreamName="one", logEvents=events)


def log_group(world: World) -> None:
    logs = world.client("logs")
    logs.create_log_group(logGroupName="shop")
    logs.create_log_stream(logGroupName="shop", logStreamName="one")


def metric_filter(world: World, name: str, value: str = "1", **rest: Any) -> None:
    change = {"metricName": name, "metricNamespace": "Shop/filters", "metricValue": value, **rest}
    world.client("logs").put_metric_filter(
        logGroupName="shop",
        filterName=name,
        filterPattern='{ $.level = "ERROR" }',
        metricTransformations=[change],
    )


def test_a_metric_filter_counts_matching_lines(world: World) -> None:
    log_group(world)
    metric_filter(world, "errors", defaultValue=0.0)
    metric_filter(world, "seconds", "$.seconds")
    metric_filter(world, "by-task", dimensions={"Task": "$.task"})
    write(world, '{"level": "INFO"}', "no JSON")
    world.minutes(2)
    assert set(world.data("Shop/filters", "errors", "Sum")) == {0}  # lines, and none matches
    assert world.data("Shop/filters", "seconds", "Sum") == []
    write(world, '{"level": "ERROR", "seconds": 3}', '{"level": "ERROR", "task": "charge"}')
    world.minutes(2)
    assert world.data("Shop/filters", "errors", "Sum")[-1] == 2
    assert world.data("Shop/filters", "seconds", "Maximum")[-1] == 3
    assert world.data("Shop/filters", "by-task", "Sum", Task="charge")[-1] == 1


def test_no_line_is_no_value_of_a_metric_filter(world: World) -> None:
    log_group(world)
    metric_filter(world, "silent", defaultValue=0.0)
    world.minutes(3)
    assert world.data("Shop/filters", "silent", "Sum") == []


def test_requests_are_shared_by_healthy_targets(world: World) -> None:
    """A policy on ALBRequestCountPerTarget reads the Sum of the target group's metric."""
    arn = "arn:aws:elasticloadbalancing:eu-west-3:1:loadbalancer/app/shop/1"
    group = "arn:aws:elasticloadbalancing:eu-west-3:1:targetgroup/web/2"
    backend = elbv2_backends[DEFAULT_ACCOUNT_ID][REGION]
    states = ("healthy", "healthy", "unhealthy")
    health = {str(place): SimpleNamespace(state=state) for place, state in enumerate(states)}
    target_group: Any = SimpleNamespace(reported_health=health, load_balancer_arns=[arn])
    backend.target_groups[group] = target_group
    for _ in range(6):
        world.requests.add(arn, Answer(200, 0.1, group, is_targets=True))
    world.minutes(2)
    names = {"TargetGroup": "targetgroup/web/2"}
    name = "RequestCountPerTarget"
    assert world.data("AWS/ApplicationELB", name, "Sum", **names)[0] == 3
    names["LoadBalancer"] = "app/shop/1"
    assert world.data("AWS/ApplicationELB", name, "Sum", **names)[0] == 3


@pytest.mark.parametrize("text", ["", '{"_aws": 1}', '{"_aws": ', line(Task="x"), "x _aws"])
def test_other_lines_are_none(text: str) -> None:
    assert list(metrics_in(text)) == []


def test_a_fast_control_plane_shows_its_own_last_minutes(aws: EmbeddedAws, tmp_path: Path) -> None:
    """At a speed of 30 an hour of the control plane has passed after two minutes."""
    world = World(aws, tmp_path, speed=30)
    queue(world, messages=2)
    world.minutes(61)
    assert world.clock.ahead() == pytest.approx(61 * 60 * 29 / 30)
    assert sqs_data(world, "ApproximateNumberOfMessagesVisible")[-5:] == [2] * 5
