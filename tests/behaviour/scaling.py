"""Application Auto Scaling: limits, target tracking, step scaling, scheduled actions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.behaviour.alarms import put_alarm
from tests.behaviour.case import SCALING, Case, expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.behaviour.case import Asked

NAME = "kit"
TARGET: dict[str, Any] = {
    "ServiceNamespace": "ecs",
    "ResourceId": f"service/{NAME}/{NAME}",
    "ScalableDimension": "ecs:service:DesiredCount",
}
STEP = f"{SCALING}/step-scaling-policy-overview.html"
TRACKING = f"{SCALING}/target-tracking-scaling-policy-overview.html"


def service(world: Asked, count: int, least: int = 1, most: int = 20) -> None:
    """Create a service with a scalable target."""
    ecs = world.client("ecs")
    ecs.create_cluster(clusterName=NAME)
    container = {"name": "main", "image": "x", "memory": 128}
    ecs.register_task_definition(family=NAME, containerDefinitions=[container])
    ecs.create_service(cluster=NAME, serviceName=NAME, taskDefinition=NAME, desiredCount=count)
    limit(world, least, most)


def limit(world: Asked, least: int, most: int, **rest: Any) -> None:
    """Set the limits of the scalable target."""
    world.client("application-autoscaling").register_scalable_target(
        **TARGET, MinCapacity=least, MaxCapacity=most, **rest
    )


def desired(world: Asked) -> int:
    """Return the desired count."""
    found = world.client("ecs").describe_services(cluster=NAME, services=[NAME])
    count: int = found["services"][0]["desiredCount"]
    return count


def counts(world: Asked, minutes: int, load: float) -> dict[int, int]:
    """Return the desired counts by the minute in which they change; tasks start at once."""
    changes: dict[int, int] = {}
    before = desired(world)
    for minute in range(1, minutes + 1):
        world.client("cloudwatch").put_metric_data(
            Namespace="Kit", MetricData=[{"MetricName": "Load", "Value": load}]
        )
        world.minutes(1)
        count = desired(world)
        if count != before:
            changes[minute] = before = count
            world.run_tasks(count)
    return changes


def _policy(world: Asked, kind: str, **configuration: Any) -> str:
    answer = world.client("application-autoscaling").put_scaling_policy(
        **TARGET,
        PolicyName="policy",
        PolicyType=kind,
        **{f"{kind}PolicyConfiguration": configuration},
    )
    arn: str = answer["PolicyARN"]
    return arn


def _track(world: Asked, **rest: Any) -> None:
    metric = {"MetricName": "Load", "Namespace": "Kit", "Statistic": "Average"}
    _policy(
        world,
        "TargetTrackingScaling",
        TargetValue=100,
        CustomizedMetricSpecification=metric,
        **rest,
    )


def _tracked(
    running: int, load: float, minutes: int, expected: dict[int, int], world: Asked
) -> None:
    service(world, running)
    world.run_tasks(running)
    _track(world)
    expect(counts(world, minutes, load), expected)


def _stepped(kind: str, change: int, running: int, expected: int, world: Asked) -> None:
    service(world, running)
    world.run_tasks(running)
    steps = [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": change}]
    arn = _policy(world, "StepScaling", AdjustmentType=kind, StepAdjustments=steps)
    put_alarm(world, EvaluationPeriods=1, AlarmActions=[arn])
    expect(counts(world, 1, 10), {1: expected} if expected != running else {})


def _clamped(before: int, least: int, most: int, expected: int, world: Asked) -> None:
    service(world, before, 0, 30)
    limit(world, least, most)
    expect(desired(world), expected)


def _alarms_of_policy(world: Asked) -> None:
    service(world, 2)
    _track(world)
    found = world.client("cloudwatch").describe_alarms(AlarmNamePrefix="TargetTracking-")
    shapes = {
        (each["ComparisonOperator"], each["EvaluationPeriods"], each["Threshold"])
        for each in found["MetricAlarms"]
    }
    expect(shapes, {("GreaterThanThreshold", 3, 100.0), ("LessThanThreshold", 15, 90.0)})


def _suspended(world: Asked) -> None:
    service(world, 2)
    world.run_tasks(2)
    _track(world)
    limit(world, 1, 20, SuspendedState={"DynamicScalingOutSuspended": True})
    expect(counts(world, 5, 250), {})


def _activity(world: Asked) -> None:
    _tracked(2, 250, 3, {3: 5}, world)
    found = world.client("application-autoscaling").describe_scaling_activities(
        ServiceNamespace="ecs", ResourceId=TARGET["ResourceId"]
    )
    expect(found["ScalingActivities"][0]["Description"], "Setting desired count to 5.")


def _cases() -> Iterator[Case]:
    register = (
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/"
        "API_RegisterScalableTarget.html"
    )
    for before, least, most, after in ((2, 4, 9, 4), (8, 1, 3, 3), (2, 1, 9, 2), (3, 0, 0, 0)):
        rule = f"a count of {before} within {least} to {most} becomes {after}"
        yield Case(rule, register, partial(_clamped, before, least, most, after))
    yield Case(
        "target tracking of ECS has an alarm of 3 and one of 15 minutes",
        TRACKING,
        _alarms_of_policy,
    )
    for running, load, minutes, expected in (
        (2, 250, 4, {3: 5}),
        (4, 101, 4, {3: 5}),
        (10, 10, 16, {15: 1}),
        (2, 60, 17, {}),
        (2, 100, 4, {}),
    ):
        rule = f"{running} tasks at {load} for a target of 100, {minutes} minutes: {expected}"
        yield Case(rule, TRACKING, partial(_tracked, running, load, minutes, expected))
    for kind, change, running, count in (
        ("ChangeInCapacity", 2, 3, 5),
        ("ExactCapacity", 7, 3, 7),
        ("PercentChangeInCapacity", 10, 10, 11),
        ("PercentChangeInCapacity", 30, 11, 14),
        ("PercentChangeInCapacity", -10, 14, 13),
        ("PercentChangeInCapacity", -30, 13, 10),
        ("PercentChangeInCapacity", 10, 2, 3),
        ("ChangeInCapacity", 50, 3, 20),
        ("ChangeInCapacity", 0, 3, 3),
    ):
        rule = f"{kind} of {change} makes {running} tasks {count}, of 1 to 20"
        yield Case(rule, STEP, partial(_stepped, kind, change, running, count))
    suspend = f"{SCALING}/suspend-resume-scaling.html"
    yield Case("a suspended target does not scale out", suspend, _suspended)
    activities = f"{SCALING}/application-auto-scaling-scaling-activities.html"
    yield Case("an activity tells the new count", activities, _activity)


CASES = tuple(_cases())
