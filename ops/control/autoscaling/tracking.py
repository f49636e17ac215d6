"""The capacity that target tracking sets.

Pure.
https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
"""

import math
from typing import assert_never

from ops.control.autoscaling.model import TrackingPolicy
from ops.control.undocumented import DEFAULT, Choices, Removal

LOW_SHARE = 0.9
"""The threshold of AlarmLow of an ECS service, as a share of the target. Observed."""
_ROUNDING = 1e-9  # a proportion that is whole but for its last bits is whole


def capacity_out(policy: TrackingPolicy, running: int, value: float) -> int:
    """Return the capacity that AlarmHigh sets: at least one task more.

    Without tasks there is no proportion, so one task is added.
    """
    if running == 0:
        return 1
    return max(running + 1, _proportional(policy, running, value))


def capacity_in(
    policy: TrackingPolicy, running: int, value: float, choices: Choices = DEFAULT
) -> int:
    """Return the capacity that AlarmLow sets; `running` if removing a task would cause flapping."""
    if running == 0 or flaps(policy, running, value):
        return running
    proportional = min(running, _proportional(policy, running, value))
    match choices.removal:
        case Removal.PROPORTIONAL:
            return proportional
        case Removal.ONE:
            return max(proportional, running - 1)
        case Removal.HALF:
            return running - math.ceil((running - proportional) / 2)
        case _:
            assert_never(choices.removal)


def flaps(policy: TrackingPolicy, running: int, value: float) -> bool:
    """Return whether one task fewer would probably bring the metric above the target."""
    if running == 1:
        return value > 0
    return running * value / (running - 1) > policy.target * (1 + _ROUNDING)


def _proportional(policy: TrackingPolicy, running: int, value: float) -> int:
    return math.ceil(running * value / policy.target - _ROUNDING)
