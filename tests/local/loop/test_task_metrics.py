"""The metrics of tasks: CPU and memory, their resolution, Container Insights."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from ops.control.undocumented import Choices, Delays
from ops.local.fargate.tasks.running import RunningTask
from ops.local.loop.publish import tasks as publish
from tests.local.loop.world import CLUSTER, SERVICE, World

if TYPE_CHECKING:
    from pathlib import Path

    from ops.local.endpoint.server import EmbeddedAws


def test_the_sample_count_of_cpu_is_the_number_of_running_tasks(world: World) -> None:
    world.service(3)
    names = {"ClusterName": CLUSTER, "ServiceName": SERVICE}
    world.minutes(2)
    world.run_tasks(0)
    world.minutes(3)
    assert world.data("AWS/ECS", "CPUUtilization", "SampleCount", **names) == [3, 3]
    assert world.data("AWS/ECS", "MemoryUtilization", "Average", **names) == [0, 0]


def test_delays_are_a_choice(aws: EmbeddedAws, tmp_path: Path) -> None:
    world = World(aws, tmp_path, choices=Choices(delays=Delays(ecs=180)))
    world.service(1)
    names = {"ClusterName": CLUSTER, "ServiceName": SERVICE}
    world.minutes(3)
    assert world.data("AWS/ECS", "CPUUtilization", "SampleCount", **names) == []
    world.minutes(1)
    assert world.data("AWS/ECS", "CPUUtilization", "SampleCount", **names) == [1]


@pytest.mark.parametrize(
    ("speed", "seconds", "percent"), [(1, 30, 50), (1, 60, 100), (6, 10, 50), (30, 10, 50)]
)
def test_a_task_that_begins_to_burn_is_averaged_over_a_minute_of_the_control_plane(
    monkeypatch: pytest.MonkeyPatch, speed: float, seconds: float, percent: float
) -> None:
    """At speed 6 or more over 20 real seconds: a minute of ten would show the start of a task."""
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr(publish, "usage_of", lambda _: {1: publish.Usage(now[0] - 1000)})
    task = RunningTask(CLUSTER, SERVICE, "1", 1024, 512, frozenset({1}))
    store = SimpleNamespace(clock=SimpleNamespace(speed=speed), put=lambda *_, **__: None)
    metrics = publish.TaskMetrics(lambda: [task], lambda *_: None, cast("Any", store), Choices())
    metrics.publish(0)
    now[0] += seconds
    metrics.publish(seconds * speed)
    [measurement] = metrics.measurements
    assert measurement.cpu == pytest.approx(percent)


def test_the_use_of_real_processes_is_read() -> None:
    session = os.getsid(0)
    usage = publish.usage_of({session})[session]
    assert usage.memory > 2**20
    assert usage.seconds > 0


@pytest.mark.parametrize(("value", "counts"), [("enabled", [4]), ("disabled", [])])
def test_container_insights_are_a_clusters_setting(
    world: World, value: str, counts: list[float]
) -> None:
    world.service(4)
    settings = [{"name": "containerInsights", "value": value}]
    world.client("ecs").update_cluster(cluster=CLUSTER, settings=settings)
    world.minutes(3)
    names = {"ClusterName": CLUSTER, "ServiceName": SERVICE}
    assert world.data("ECS/ContainerInsights", "DesiredTaskCount", "Average", **names) == counts
    services = world.data("ECS/ContainerInsights", "ServiceCount", "Sum", ClusterName=CLUSTER)
    assert services == [1] * len(counts)
    assert reserved(world) == [sum(counts) * 256] * 3 * len(counts)


def reserved(world: World) -> list[float]:
    """Return the CPU units of a minute for the cluster, the service and the task definition."""
    places: tuple[dict[str, str], ...] = (
        {},
        {"ServiceName": SERVICE},
        {"TaskDefinitionFamily": SERVICE},
    )
    return [
        value
        for place in places
        for value in world.data(
            "ECS/ContainerInsights", "CpuReserved", "Sum", ClusterName=CLUSTER, **place
        )
    ]


def test_twenty_seconds_are_three_samples_a_minute_and_come_sooner(world: World) -> None:
    world.service(2)
    often = {"metricNames": ["CPUUtilization"], "resolutionSeconds": 20}
    monitoring = {"metricConfigurations": [often]}
    world.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, monitoring=monitoring)
    names = {"ClusterName": CLUSTER, "ServiceName": SERVICE}
    world.minutes(1 + 20 / 60)
    assert world.data("AWS/ECS", "CPUUtilization", "SampleCount", **names) == [6]
    assert world.data("AWS/ECS", "MemoryUtilization", "SampleCount", **names) == []
    world.minutes(2)
    assert world.data("AWS/ECS", "MemoryUtilization", "SampleCount", **names) == [2]
    revision = world.revision()
    assert revision["monitoring"] == monitoring


def test_an_alarm_of_twenty_seconds_fires_within_two_minutes(world: World) -> None:
    world.service(1)
    often = {"metricNames": ["MemoryUtilization"], "resolutionSeconds": 20}
    world.client("ecs").update_service(
        cluster=CLUSTER, service=SERVICE, monitoring={"metricConfigurations": [often]}
    )
    names = {"ClusterName": CLUSTER, "ServiceName": SERVICE}
    world.alarm(
        Namespace="AWS/ECS",
        MetricName="MemoryUtilization",
        Dimensions=[{"Name": name, "Value": value} for name, value in names.items()],
        Period=20,
        Threshold=0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    world.minutes(1 + 10 / 60)
    assert world.state() == "INSUFFICIENT_DATA"
    world.minutes(10 / 60)
    assert world.state() == "ALARM"


@pytest.mark.parametrize(("name", "seconds"), [("CPUUtilization", 30), ("MemoryReservation", 20)])
def test_other_resolutions_and_metrics_are_refused(world: World, name: str, seconds: int) -> None:
    world.service(1)
    monitoring = {"metricConfigurations": [{"metricNames": [name], "resolutionSeconds": seconds}]}
    ecs = world.client("ecs")
    with pytest.raises(ClientError, match=r"InvalidParameter|Validation"):
        ecs.update_service(cluster=CLUSTER, service=SERVICE, monitoring=monitoring)
