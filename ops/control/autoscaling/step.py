"""The capacity that a step adjustment gives. Pure.

https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
"""

import math
from typing import assert_never

from ops.control.autoscaling.model import Adjustment, Step, StepPolicy


def step_capacity(policy: StepPolicy, base: int, value: float, threshold: float) -> int | None:
    """Return the capacity that a policy sets; None if none of its steps covers this breach.

    `base` is the number of running tasks, `value` the newest point of the alarm's metric.
    """
    step = _step_for(policy.steps, value - threshold)
    if step is None:
        return None
    match policy.kind:
        case Adjustment.CHANGE:
            return max(0, base + step.adjustment)
        case Adjustment.EXACT:
            return step.adjustment
        case Adjustment.PERCENT:
            return max(0, base + _percent(step.adjustment, base, policy.least_change))
        case _:
            assert_never(policy.kind)


def _step_for(steps: tuple[Step, ...], breach: float) -> Step | None:
    """Return the step of a breach, which is the metric minus the threshold.

    Above the threshold the lower bound is inclusive and the upper one exclusive; below it is the
    other way round.
    """
    if breach >= 0:
        for step in steps:
            if step.lower <= breach < step.upper:
                return step
    if breach <= 0:
        for step in steps:
            if step.lower < breach <= step.upper:
                return step
    return None


def _percent(adjustment: int, base: int, least: int) -> int:
    """Return the change by percent.

    More than one task is rounded towards zero, less than one to one.
    """
    exact = base * adjustment / 100
    rounded = math.trunc(exact) or (exact > 0) - (exact < 0)
    if adjustment > 0:
        return max(rounded, least)
    return min(rounded, -least) if adjustment < 0 else 0
