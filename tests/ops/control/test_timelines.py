"""Timelines worked out by hand from AWS's rules: two alarms and their target tracking policy.

The target is 100. AlarmHigh: above 100 in 3 of 3 minutes. AlarmLow: below 90 in 15 of 15. An alarm
fetches two periods more than it needs. The metric is the load shared by the tasks, which start at
once. https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.control.autoscaling.decision import Cooldowns, decide
from ops.control.autoscaling.model import Capacity, Direction, Invocation, Limits, TrackingPolicy
from ops.control.cloudwatch.evaluation import Condition, State, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIMITS = Limits(minimum=2, maximum=20)
POLICY = TrackingPolicy("load", 100)
ALARMS = {
    Direction.OUT: Condition("GreaterThanThreshold", 100, 3, 3),
    Direction.IN: Condition("LessThanThreshold", 90, 15, 15),
}
BUSY, QUIET = [500.0] * 10, [100.0] * 20  # minutes 1 to 10, and 11 to 30


def timeline(
    loads: Sequence[float | None],
    policy: TrackingPolicy = POLICY,
    deploying: Iterable[int] = (),
    start: int = 2,
) -> dict[int, int]:
    """Return the counts by the minute in which they were set; minutes count from 1."""
    counts: dict[int, int] = {}
    running = start
    points: list[float | None] = [None] * 17
    states = dict.fromkeys(ALARMS, State.INSUFFICIENT_DATA)
    cooldowns: Cooldowns = {}
    for minute, load in enumerate(loads, 1):
        points.append(None if load is None else load / running)
        for way, condition in ALARMS.items():
            fetched = points[-condition.fetched() :]
            states[way] = evaluate(condition, fetched, states[way]).state
        known = [point for point in points if point is not None]
        calls = [
            Invocation(policy, known[-1], condition.threshold, way)
            for way, condition in ALARMS.items()
            if states[way] is State.ALARM
        ]
        capacity = Capacity(running, running, minute in deploying)
        decision = decide(LIMITS, capacity, calls, cooldowns, 60.0 * minute)
        cooldowns = decision.cooldowns
        if decision.count is not None:
            running = counts[minute] = decision.count
    return counts


def test_three_minutes_to_add_and_fifteen_to_remove() -> None:
    """2 tasks at 250: 5 after minute 3. 5 at 20, from minute 11: the minimum after minute 25."""
    assert timeline(BUSY + QUIET) == {3: 5, 25: 2}


def test_a_gap_makes_it_wait_until_no_good_point_is_fetched() -> None:
    """Minutes 16 to 20 are missing, so 15 of the 17 fetched are never there. At minute 27 the good
    ones of minutes 9 and 10 are out of the range, and all that is left is low.
    """
    with_gap: list[float | None] = [*QUIET[:5], *[None] * 5, *QUIET[10:]]
    assert timeline([*BUSY, *with_gap]) == {3: 5, 27: 2}


def test_no_data_is_not_a_low_load() -> None:
    assert timeline([*BUSY, *[None] * 60]) == {3: 5}


def test_a_deployment_delays_scaling_in_and_not_out() -> None:
    deploying = (*range(1, 6), *range(20, 30))
    assert timeline(BUSY + QUIET, deploying=deploying) == {3: 5, 30: 2}


def test_without_scale_in_a_policy_keeps_what_it_added() -> None:
    assert timeline(BUSY + QUIET, TrackingPolicy("load", 100, scales_in=False)) == {3: 5}


@pytest.mark.parametrize(
    ("out_cooldown", "expected"),
    [
        (60, {3: 5, 8: 10}),  # the load doubles at minute 6: 5 tasks at 200, 3 minutes later
        (600, {3: 5}),  # in the cooldown the 2 tasks before it count: 2 at 200 are 4, and 5 run
    ],
)
def test_a_load_that_doubles_again(out_cooldown: float, expected: dict[int, int]) -> None:
    loads = [500.0] * 5 + [1000.0] * 5
    assert timeline(loads, TrackingPolicy("load", 100, out_cooldown=out_cooldown)) == expected


LOADS = st.lists(st.none() | st.floats(0, 5000), max_size=60)


@given(LOADS, st.integers(2, 20))
def test_the_count_stays_within_its_limits_and_nothing_acts_without_data(
    loads: list[float | None], start: int
) -> None:
    counts = timeline(loads, start=start)
    assert all(LIMITS.minimum <= count <= LIMITS.maximum for count in counts.values())
    assert all(any(load is not None for load in loads[:minute]) for minute in counts)
    assert timeline([None] * len(loads), start=start) == {}
