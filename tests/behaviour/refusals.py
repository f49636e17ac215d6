"""Requests that AWS refuses."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.behaviour.alarms import put_alarm
from tests.behaviour.case import API, SCALING, Case, refused
from tests.behaviour.scaling import NAME, TARGET, service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.behaviour.case import Asked

LOGS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs"
RESOLUTION = (
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MetricConfiguration.html"
)
PUT = f"{API}/API_PutMetricAlarm.html"


def _alarm(change: dict[str, Any], world: Asked) -> None:
    refused(partial(put_alarm, world), **change)


def _math(expression: str, world: Asked) -> None:
    stat = {"Metric": {"Namespace": "Kit", "MetricName": "Load"}, "Period": 60, "Stat": "Sum"}
    refused(
        world.client("cloudwatch").put_metric_alarm,
        AlarmName="alarm",
        Metrics=[
            {"Id": "m1", "MetricStat": stat, "ReturnData": False},
            {"Id": "e", "Expression": expression, "ReturnData": True},
        ],
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )


def _steps(steps: list[dict[str, float]], world: Asked) -> None:
    service(world, 1)
    refused(
        world.client("application-autoscaling").put_scaling_policy,
        **TARGET,
        PolicyName="policy",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{**step, "ScalingAdjustment": 1} for step in steps],
        },
    )


def _zone(world: Asked) -> None:
    service(world, 1)
    refused(
        world.client("application-autoscaling").put_scheduled_action,
        **TARGET,
        ScheduledActionName="action",
        Schedule="cron(0 7 * * ? *)",
        Timezone="Europe/Nowhere",
        ScalableTargetAction={"MinCapacity": 1},
    )


def _limits(world: Asked) -> None:
    service(world, 1)
    scaling = world.client("application-autoscaling")
    refused(scaling.register_scalable_target, **TARGET, MinCapacity=5, MaxCapacity=2)


def _pattern(pattern: str, world: Asked) -> None:
    logs = world.client("logs")
    logs.create_log_group(logGroupName="kit")
    change = {"metricName": "Lines", "metricNamespace": "Kit", "metricValue": "1"}
    refused(
        logs.put_metric_filter,
        logGroupName="kit",
        filterName="kit",
        filterPattern=pattern,
        metricTransformations=[change],
    )


def _resolution(world: Asked) -> None:
    service(world, 1)
    often = {"metricNames": ["CPUUtilization"], "resolutionSeconds": 30}
    refused(
        world.client("ecs").update_service,
        cluster=NAME,
        service=NAME,
        monitoring={"metricConfigurations": [often]},
    )


def _unknown_part(world: Asked) -> None:
    cloudwatch = world.client("cloudwatch")
    refused(cloudwatch.put_composite_alarm, AlarmName="both", AlarmRule='ALARM("nowhere")')


def _used_part(world: Asked) -> None:
    put_alarm(world, "part")
    cloudwatch = world.client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule='ALARM("part")')
    refused(cloudwatch.delete_alarms, AlarmNames=["part"])


def _of_alarms() -> Iterator[Case]:
    changes: tuple[tuple[str, dict[str, Any]], ...] = (
        ("a period of 45 seconds is refused", {"Period": 45}),
        ("a period of 90 seconds is refused", {"Period": 90}),
        ("a window of more than a day is refused", {"Period": 600, "EvaluationPeriods": 145}),
        ("M above N is refused", {"DatapointsToAlarm": 4}),
        ("an unknown treatment of missing data is refused", {"TreatMissingData": "odd"}),
        ("an unknown comparison is refused", {"ComparisonOperator": "Equal"}),
        ("an unknown statistic is refused", {"Statistic": "Median"}),
    )
    for rule, change in changes:
        yield Case(rule, PUT, partial(_alarm, change))
    math = (
        ("SEARCH is refused in an alarm", "SEARCH('{Kit} Load', 'Sum')"),
        ("a number is refused in place of a time series", "AVG(m1)"),
        ("two time series are refused", "[m1, m1 * 2]"),
        ("an unknown function is refused", "MEDIAN(m1)"),
        ("an unknown id is refused", "m1 + m2"),
        ("an expression that does not end is refused", "m1 + ("),
    )
    for rule, expression in math:
        yield Case(rule, PUT, partial(_math, expression))


def _of_policies() -> Iterator[Case]:
    lower, upper = "MetricIntervalLowerBound", "MetricIntervalUpperBound"
    steps: tuple[tuple[str, list[dict[str, float]]], ...] = (
        ("a gap between steps is refused", [{lower: 0, upper: 10}, {lower: 20}]),
        ("an overlap of steps is refused", [{lower: 0, upper: 10}, {lower: 5}]),
        ("a step without bounds is refused", [{}]),
        ("steps below the threshold need one without a lower bound", [{lower: -10, upper: 0}]),
    )
    for rule, each in steps:
        yield Case(rule, f"{SCALING}/step-scaling-policy-overview.html", partial(_steps, each))


def _of_metrics() -> Iterator[Case]:
    patterns = (
        ("a filter pattern without its end is refused", "{ $.level = ERROR"),
        ("a term with a hyphen needs quotes in a filter pattern", "not-found"),
    )
    for rule, pattern in patterns:
        yield Case(rule, f"{LOGS}/FilterAndPatternSyntax.html", partial(_pattern, pattern))
    yield Case("ECS's metrics have a resolution of 20 or 60 seconds", RESOLUTION, _resolution)


def _others() -> Iterator[Case]:
    composite = f"{API}/API_PutCompositeAlarm.html"
    others: tuple[tuple[str, str, Callable[[Asked], None]], ...] = (
        (
            "an unknown time zone is refused",
            f"{SCALING}/scheduled-scaling-using-cron-expressions.html",
            _zone,
        ),
        (
            "a minimum above the maximum is refused",
            f"{SCALING}/what-is-application-auto-scaling.html",
            _limits,
        ),
        ("a rule on an alarm that does not exist is refused", composite, _unknown_part),
        ("an alarm that a rule names cannot be deleted", composite, _used_part),
    )
    for rule, source, ask in others:
        yield Case(rule, source, ask)


CASES = (*_of_alarms(), *_of_policies(), *_of_metrics(), *_others())
