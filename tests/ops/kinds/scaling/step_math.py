"""AWS's step adjustments: the step that applies, and the rounding of its percentage."""

from math import floor, inf
from typing import Any


def bounds(step: Any) -> tuple[float, float]:  # noqa: ANN401  # a step as in AWS's JSON
    return (
        step.get("MetricIntervalLowerBound", -inf),
        step.get("MetricIntervalUpperBound", inf),
    )


def percent_of(tasks: int, percent: int) -> int:
    """Return PercentChangeInCapacity: rounded towards zero, but at least one task.

    https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
    """
    size = abs(tasks * percent) / 100
    whole = 1 if size < 1 else floor(size)
    return whole if percent > 0 else -whole


def added(steps: Any, tasks: int, distance: float) -> int:  # noqa: ANN401
    """Above the threshold the lower bound is inclusive."""
    found = [s for s in steps if bounds(s)[0] <= distance < bounds(s)[1]]
    return percent_of(tasks, found[0]["ScalingAdjustment"]) if found else 0


def removed(steps: Any, tasks: int, distance: float) -> int:  # noqa: ANN401
    """Below the threshold the upper bound is inclusive."""
    found = [s for s in steps if bounds(s)[0] < distance <= bounds(s)[1]]
    return -percent_of(tasks, found[0]["ScalingAdjustment"]) if found else 0
