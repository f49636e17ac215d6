"""Step adjustments, with the numbers of AWS's example.

https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
"""

from __future__ import annotations

import pytest

from ops.control.autoscaling.model import Adjustment, Step, StepPolicy
from ops.control.autoscaling.step import step_capacity

OUT = (Step(0, 0, 10), Step(10, 10, 20), Step(30, 20))
IN = (Step(0, -10, 0), Step(-10, -20, -10), Step(-30, upper=-20))


def percent(*steps: Step, least: int = 0) -> StepPolicy:
    return StepPolicy("p", Adjustment.PERCENT, steps, least_change=least)


@pytest.mark.parametrize(
    ("steps", "tasks", "metric", "threshold", "expected"),
    [
        (OUT, 10, 60, 50, 11),  # 10 % of 10
        (OUT, 11, 70, 50, 14),  # 30 % of 11 is 3.3
        (IN, 14, 40, 50, 13),  # -10 % of 14 is -1.4
        (IN, 14, 41, 50, 14),
        (IN, 13, 29, 50, 10),  # -30 % of 13 is -3.9
        (OUT, 10, 50, 50, 10),  # an adjustment of 0
    ],
)
def test_the_example_of_aws(
    steps: tuple[Step, ...], tasks: int, metric: float, threshold: float, expected: int
) -> None:
    assert step_capacity(percent(*steps), tasks, metric, threshold) == expected


@pytest.mark.parametrize(
    ("breach", "adjustment"),
    [(0, 1), (9.9, 1), (10, 2), (-0.1, -1), (-9.9, -1), (-10, -2)],
)
def test_bounds_above_the_threshold_include_the_lower_and_below_it_the_upper(
    breach: float, adjustment: int
) -> None:
    steps = (Step(2, 10), Step(1, 0, 10), Step(-1, -10, 0), Step(-2, upper=-10))
    policy = StepPolicy("p", Adjustment.CHANGE, steps)
    assert step_capacity(policy, 10, 100 + breach, 100) == 10 + adjustment


def test_a_breach_of_exactly_nothing_has_a_step_below_too() -> None:
    """`LessThanOrEqualToThreshold` breaches at the threshold itself."""
    policy = StepPolicy("p", Adjustment.CHANGE, (Step(-1, upper=0),))
    assert step_capacity(policy, 3, 5, 5) == 2


@pytest.mark.parametrize(
    ("tasks", "adjustment", "least", "expected"),
    [
        (2, 10, 0, 3),  # 0.2 is rounded up to 1
        (2, -10, 0, 1),  # -0.2 to -1
        (25, 10, 0, 27),  # 2.5 down to 2
        (300, -1, 0, 297),
        (300, -1, 5, 295),
        (25, 10, 4, 29),  # MinAdjustmentMagnitude
        (25, -10, 4, 21),
        (1, -200, 0, 0),
        (10, 0, 2, 10),
    ],
)
def test_percent_is_rounded(tasks: int, adjustment: int, least: int, expected: int) -> None:
    assert step_capacity(percent(Step(adjustment, 0), least=least), tasks, 1, 1) == expected


def test_an_exact_capacity_does_not_depend_on_the_tasks() -> None:
    policy = StepPolicy("p", Adjustment.EXACT, (Step(7, 0),))
    assert [step_capacity(policy, tasks, 5, 5) for tasks in (0, 20)] == [7, 7]


def test_a_breach_without_a_step_asks_for_nothing() -> None:
    assert step_capacity(StepPolicy("p", Adjustment.CHANGE, (Step(1, 0),)), 3, 4, 5) is None
