"""The deployment circuit breaker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.control.ecs.breaker import Breaker, Kind


@pytest.mark.parametrize(("desired", "threshold"), [(0, 3), (1, 3), (10, 5), (25, 13), (900, 200)])
def test_the_default_is_half_the_desired_count_within_3_and_200(
    desired: int, threshold: int
) -> None:
    assert Breaker.of({"enable": True}).threshold(desired) == threshold


@pytest.mark.parametrize(
    ("kind", "value", "desired", "threshold"),
    [
        ("COUNT", 7, 900, 7),
        ("BOUNDED_PERCENT", 10, 100, 10),
        ("BOUNDED_PERCENT", 10, 10, 3),
        ("BOUNDED_PERCENT", 100, 500, 200),
        ("UNBOUNDED_PERCENT", 100, 500, 500),
        ("UNBOUNDED_PERCENT", 10, 5, 1),
    ],
)
def test_a_threshold_of_ones_own(kind: str, value: int, desired: int, threshold: int) -> None:
    configuration = {"type": kind, "value": str(value)}  # CloudFormation's numbers may be strings
    breaker = Breaker.of({"enable": "true", "thresholdConfiguration": configuration})
    assert breaker.threshold(desired) == threshold
    assert not breaker.trips(threshold - 1, desired)
    assert breaker.trips(threshold, desired)


def test_a_healthy_task_resets_the_count_unless_told_otherwise() -> None:
    assert Breaker.of({"enable": True}).after_healthy(2) == 0
    assert Breaker.of({"enable": True, "resetOnHealthyTask": False}).after_healthy(2) == 2


def test_without_the_breaker_nothing_trips() -> None:
    assert not Breaker.of(None).trips(1000, 1)


@given(st.sampled_from(Kind), st.integers(0, 400), st.integers(0, 2000), st.integers(0, 2000))
def test_a_deployment_never_fails_without_a_failure(
    kind: Kind, value: int, desired: int, more: int
) -> None:
    breaker = Breaker(enabled=True, kind=kind, value=value)
    assert not breaker.trips(0, desired)
    assert breaker.threshold(desired + more) >= breaker.threshold(desired)
