"""Step adjustments in proportion to a load.

Pure.
https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil, floor, log, sqrt

from ops.copilot.workload import TaskRange
from ops.plan.model import Json

_MOST = 20
_FINEST = 1.05  # from one step's load to the next; finer is less than a task
_UNKNOWN_SPAN = 32.0  # the ratio if the manifest has no range
_DIGITS = 4
_ROUNDING = 1e-9


def adding(threshold: float, target: float, tasks: TaskRange | None) -> list[Json]:
    """Return percentages that bring a load above `threshold` to `target`.

    Each step is sized for the middle of its loads, and the last for all that the service may have.
    """
    first = threshold / target
    span = max(_span(tasks), first)
    steps = max(1, min(_MOST, ceil(log(span / first) / log(_FINEST) - _ROUNDING)))
    loads = [threshold * (span / first) ** (at / steps) for at in range(steps)]
    bounds = _distances(loads, threshold)
    edges = [threshold + bound for bound in bounds]
    middles = [*(sqrt(lower * upper) for lower, upper in pairwise(edges)), span * target]
    return [
        _step(lower, upper, max(1, ceil(100 * (middle / target - 1) - _ROUNDING)))
        for lower, upper, middle in zip(bounds, [*bounds[1:], None], middles, strict=True)
    ]


def removing(threshold: float, target: float, at_most: float) -> list[Json]:
    """Return percentages that bring a load below `threshold` up to `target`, up to `at_most`."""
    lowest = target * (1 - at_most / 100)
    edges = _MOST - 1
    loads = [lowest + (threshold - lowest) * at / edges for at in range(edges + 1)]
    has_steps = lowest < threshold  # pragma: no mutate - equal loads become one
    bounds = _distances(loads if has_steps else [threshold], threshold)
    percents = [
        max(1, floor(min(at_most, 100 * (1 - (threshold + upper) / target)) + _ROUNDING))
        for upper in bounds
    ]
    return [
        _step(lower, upper, -percent)
        for lower, upper, percent in zip([None, *bounds[:-1]], bounds, percents, strict=True)
    ]


def counting(add: Mapping[int, int]) -> list[Json]:
    """Return the tasks to add from each value on; the alarm's threshold is the lowest value."""
    values = sorted(add)
    bounds = [float(value - values[0]) for value in values]
    return [
        _step(lower, upper, add[value])
        for lower, upper, value in zip(bounds, [*bounds[1:], None], values, strict=True)
    ]


def _span(tasks: TaskRange | None) -> float:
    """Return the ratio of the maximum to the minimum number of tasks."""
    return _UNKNOWN_SPAN if tasks is None else tasks.most / max(tasks.least, 1)


def _distances(loads: Sequence[float], threshold: float) -> list[float]:
    """Return the distances from the threshold for AWS: rounded, without duplicates."""
    rounded = [round(load - threshold, _DIGITS) + 0.0 for load in loads]  # no -0.0
    return [rounded[0], *(second for first, second in pairwise(rounded) if first < second)]


def _step(lower: float | None, upper: float | None, adjustment: int) -> dict[str, Json]:
    bounds = {"MetricIntervalLowerBound": lower, "MetricIntervalUpperBound": upper}
    given: dict[str, Json] = {name: value for name, value in bounds.items() if value is not None}
    return {**given, "ScalingAdjustment": adjustment}
