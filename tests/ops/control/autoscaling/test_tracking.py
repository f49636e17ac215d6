"""The capacity that a target tracking policy requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.control.autoscaling.model import TrackingPolicy
from ops.control.autoscaling.tracking import capacity_in, capacity_out, flaps
from ops.control.undocumented import Choices, Removal

POLICY = TrackingPolicy("p", target=100)


@pytest.mark.parametrize(
    ("running", "metric", "expected"),
    [
        (2, 300, 6),
        (3, 101, 4),  # at least one task more
        (10, 110, 11),
        (0, 5000, 1),  # the minimum possible amount
        (7, 100 * (8 / 7), 8),  # no ninth for the last bits of a float
    ],
)
def test_out_is_in_proportion(running: int, metric: float, expected: int) -> None:
    assert capacity_out(POLICY, running, metric) == expected


@pytest.mark.parametrize(
    ("running", "metric", "expected"),
    [
        (10, 50, 5),
        (10, 0, 0),  # a metric that is really 0
        (2, 60, 2),  # one task alone would have 120
        (10, 89, 9),
        (10, 91, 10),  # nine would have 101
        (1, 1, 1),
    ],
)
def test_in_never_goes_above_the_target(running: int, metric: float, expected: int) -> None:
    assert capacity_in(POLICY, running, metric) == expected


@pytest.mark.parametrize(
    ("removal", "expected"), [(Removal.PROPORTIONAL, 3), (Removal.ONE, 9), (Removal.HALF, 6)]
)
def test_removal_has_three_readings(removal: Removal, expected: int) -> None:
    assert capacity_in(POLICY, 10, 30, Choices(removal=removal)) == expected


@given(st.integers(1, 500), st.floats(0, 90), st.sampled_from(Removal))
def test_in_removes_no_more_than_the_proportion(
    running: int, metric: float, removal: Removal
) -> None:
    capacity = capacity_in(POLICY, running, metric, Choices(removal=removal))
    assert running * metric <= (capacity + 1e-6) * POLICY.target
    assert capacity <= running
    if flaps(POLICY, running, metric):
        assert capacity == running
