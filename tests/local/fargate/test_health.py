"""The health checks of containers and targets."""

from __future__ import annotations

import pytest

from ops.local.fargate.health import EAGER, ContainerCheck, Health, Tracker


def test_one_success_is_enough_at_first() -> None:
    tracker = Tracker(0, interval=30, unhealthy_after=3, healthy_after=5)
    assert tracker.pause() == EAGER
    assert tracker.observe(0.25, good=True) is Health.HEALTHY
    assert tracker.pause() == 30


def test_eager_failures_count_as_aws_would_have_counted_them() -> None:
    tracker = Tracker(0, interval=10, unhealthy_after=2, grace=60)
    for quarter in range(4 * 69):
        assert tracker.observe(quarter / 4, good=False) is Health.UNKNOWN
    assert tracker.observe(70, good=False) is Health.UNHEALTHY


def test_the_healthy_fall_ill_after_failures_in_a_row() -> None:
    tracker = Tracker(0, interval=1, unhealthy_after=3)
    tracker.observe(1, good=True)
    seen = [tracker.observe(2, good=good) for good in (False, False, True, False, False, False)]
    assert seen == [Health.HEALTHY] * 5 + [Health.UNHEALTHY]


def test_the_ill_recover_after_successes_in_a_row() -> None:
    tracker = Tracker(0, interval=1, unhealthy_after=1, healthy_after=2)
    tracker.observe(1, good=True)
    seen = [tracker.observe(2, good=good) for good in (False, True, False, True, True)]
    assert seen == [Health.UNHEALTHY] * 4 + [Health.HEALTHY]


def test_a_check_has_the_defaults_of_ecs() -> None:
    check = ContainerCheck.of({"healthCheck": {"command": ["CMD-SHELL", "curl -f x || exit 1"]}})
    assert check == ContainerCheck(("/bin/sh", "-c", "curl -f x || exit 1"), 30, 5, 3, 0)


def test_a_check_reads_numbers_and_their_text() -> None:
    raw = {"command": ["CMD", "probe", "-x"], "interval": "10", "timeout": 2, "retries": "1"}
    check = ContainerCheck.of({"healthCheck": {**raw, "startPeriod": "7"}})
    assert check == ContainerCheck(("probe", "-x"), 10, 2, 1, 7)


@pytest.mark.parametrize("raw", [{}, {"healthCheck": None}, {"healthCheck": {"command": ["NONE"]}}])
def test_a_container_may_have_no_check(raw: dict[str, object]) -> None:
    assert ContainerCheck.of(raw) is None
