"""One count from all policies: each rule, and timelines that follow from the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.control.autoscaling.decision import Cooldowns, Decision, decide
from ops.control.autoscaling.model import (
    Adjustment,
    Capacity,
    Direction,
    Invocation,
    Limits,
    Policy,
    Step,
    StepPolicy,
    TrackingPolicy,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMITS = Limits(minimum=2, maximum=20)
ADD = StepPolicy("add", Adjustment.CHANGE, (Step(2, 0, 100), Step(3, 100)), cooldown=300)
REMOVE = StepPolicy("remove", Adjustment.CHANGE, (Step(-1, upper=0),), cooldown=300)
DEPTH = TrackingPolicy("depth", 100)
CPU = TrackingPolicy("cpu", 70)
OUT, IN = Direction.OUT, Direction.IN


def call(policy: Policy, value: float, direction: Direction = OUT) -> Invocation:
    return Invocation(policy, value, 0, direction)


def decided(
    *invocations: Invocation,
    running: int = 10,
    desired: int | None = None,
    limits: Limits = LIMITS,
    deploying: bool = False,
    cooldowns: Cooldowns | None = None,
    now: float = 0,
    against_in: tuple[str, ...] = (),
) -> Decision:
    capacity = Capacity(running, running if desired is None else desired, deploying)
    return decide(limits, capacity, invocations, cooldowns or {}, now, against_in=against_in)


def only_reason(decision: Decision) -> str:
    assert decision.count is None
    (reason,) = decision.reasons
    return reason.rule


def test_the_largest_of_two_counts_wins_out() -> None:
    decision = decided(call(DEPTH, 120), call(CPU, 140))  # 12 and 20
    assert decision.count == 20
    assert decision.cause == call(CPU, 140)


def test_the_largest_of_two_counts_wins_in() -> None:
    assert decided(call(DEPTH, 50, IN), call(CPU, 56, IN)).count == 8  # 5 and 8


def test_out_wins_over_in() -> None:
    assert decided(call(DEPTH, 10, IN), call(CPU, 77)).count == 11


def test_target_tracking_vetoes_target_tracking() -> None:
    decision = decided(call(DEPTH, 50, IN), against_in=("cpu",))
    assert only_reason(decision) == "another target tracking policy does not scale in"


def test_a_step_policy_waits_for_nobody() -> None:
    assert decided(call(REMOVE, -1), against_in=("cpu",)).count == 9


def test_no_scale_in_while_a_deployment_is_in_progress() -> None:
    assert only_reason(decided(call(REMOVE, -1), deploying=True)) == "a deployment is in progress"
    assert decided(call(ADD, 1), deploying=True).count == 12


def test_during_a_deployment_old_and_new_tasks_count_together() -> None:
    """AWS counts the tasks of both deployments.

    https://github.com/aws/containers-roadmap/issues/525
    """
    assert decided(call(DEPTH, 150), running=4, desired=2, deploying=True).count == 6


def test_suspended_directions_change_nothing() -> None:
    no_in, no_out = Limits(2, 20, in_suspended=True), Limits(2, 20, out_suspended=True)
    assert only_reason(decided(call(REMOVE, -1), limits=no_in)) == "scaling in is suspended"
    assert decided(call(ADD, 1), limits=no_in).count == 12
    assert only_reason(decided(call(ADD, 1), limits=no_out)) == "scaling out is suspended"
    assert decided(call(REMOVE, -1), limits=no_out).count == 9


@pytest.mark.parametrize(
    ("policy", "value", "direction", "running", "code"),
    [
        (ADD, 1, OUT, 20, "AlreadyAtMaxCapacity"),
        (REMOVE, -1, OUT, 2, "AlreadyAtMinCapacity"),
        (DEPTH, 95, IN, 10, "AutoScalingAnticipatedFlapping"),
        (DEPTH, 60, IN, 2, "AlreadyAtDesiredCapacity"),
    ],
)
def test_reasons_have_the_codes_of_aws(
    policy: Policy, value: float, direction: Direction, running: int, code: str
) -> None:
    decision = decided(call(policy, value, direction), running=running)
    assert decision.count is None
    assert [reason.code for reason in decision.reasons] == [code]


def test_a_count_below_the_minimum_rises_to_it_and_never_falls() -> None:
    assert (
        decided(call(StepPolicy("one", Adjustment.CHANGE, (Step(1, 0),)), 1), running=0).count == 2
    )
    assert decided(call(REMOVE, -1), running=1).count is None


def test_a_count_above_the_maximum_falls_to_it_and_never_rises() -> None:
    assert decided(call(REMOVE, -1), running=30).count == 20
    assert decided(call(ADD, 1), running=30).count is None


def test_zero_is_reached_where_the_minimum_allows_it() -> None:
    assert decided(call(DEPTH, 0, IN), running=4, limits=Limits(0, 5)).count == 0
    assert decided(call(DEPTH, 1, OUT), running=0, limits=Limits(0, 5)).count == 1


def test_tasks_that_are_still_starting_are_not_asked_for_twice() -> None:
    """The alarm invokes again a minute later: 2 of 6 desired tasks are running."""
    decision = decided(call(DEPTH, 300), running=2, desired=6)
    assert only_reason(decision).startswith("no more than what is already desired")


def test_within_the_cooldown_a_larger_step_adds_the_difference() -> None:
    """A step of +2, then one of +3, add one more task."""
    first = decided(call(ADD, 1))
    assert first.count == 12
    second = decided(call(ADD, 100), running=12, cooldowns=first.cooldowns, now=60)
    assert second.count == 13


def timeline(policy: StepPolicy, breaches: Mapping[int, float], start: int) -> dict[int, int]:
    """Return the counts by minute; a task runs a minute after its count was set."""
    counts: dict[int, int] = {}
    running = start
    held: Cooldowns = {}
    for minute, breach in breaches.items():
        decision = decided(call(policy, breach), running=running, cooldowns=held, now=60 * minute)
        held = decision.cooldowns
        if decision.count is not None:
            running = counts[minute] = decision.count
    return counts


def test_a_step_alarm_acts_at_its_change_and_after_each_cooldown() -> None:
    assert timeline(ADD, dict.fromkeys(range(10), 1), start=2) == {0: 4, 5: 6}


def test_a_larger_step_acts_at_once() -> None:
    breaches = dict.fromkeys(range(10), 1.0) | {3: 100.0}
    assert timeline(ADD, breaches, start=2) == {0: 4, 3: 5, 8: 7}


@pytest.mark.parametrize(("cooldown", "expected"), [(60, {0: 7, 1: 5, 2: 4, 3: 3}), (300, {0: 7})])
def test_late_samples_make_a_short_cooldown_overshoot(
    cooldown: float, expected: dict[int, int]
) -> None:
    """The load always needs 5 tasks, but the alarm sees the 10 tasks of the past."""
    policy = StepPolicy("in", Adjustment.PERCENT, (Step(-30, upper=0),), cooldown, least_change=1)
    assert timeline(policy, dict.fromkeys(range(4), -1.0), start=10) == expected


def test_scaling_out_ends_a_scale_in_cooldown() -> None:
    removed = decided(call(REMOVE, -1))
    again = decided(call(REMOVE, -1), running=9, cooldowns=removed.cooldowns, now=60)
    assert only_reason(again) == "the scale-in cooldown has not ended"
    added = decided(call(ADD, 1), running=9, cooldowns=removed.cooldowns, now=60)
    assert added.count == 11
    assert decided(call(REMOVE, -1), running=11, cooldowns=added.cooldowns, now=120).count == 10


def test_a_cooldown_is_of_one_policy() -> None:
    other = StepPolicy("other", Adjustment.CHANGE, (Step(5, 0),))
    first = decided(call(ADD, 1), running=4)
    assert decided(call(other, 1), running=6, cooldowns=first.cooldowns, now=60).count == 11


CALLS = st.builds(
    call,
    st.sampled_from([ADD, REMOVE, DEPTH, CPU]),
    st.floats(-500, 500),
    st.sampled_from(Direction),
)


@given(
    st.lists(CALLS, max_size=4),
    st.integers(0, 40),
    st.integers(0, 40),
    st.integers(0, 10),
    st.integers(0, 30),
    st.booleans(),
)
def test_a_new_count_is_within_the_limits_and_another_one(
    calls: list[Invocation], running: int, desired: int, least: int, more: int, deploying: bool
) -> None:
    limits = Limits(least, least + more)
    decision = decided(*calls, running=running, desired=desired, limits=limits, deploying=deploying)
    if decision.count is None:
        assert len(decision.reasons) == len(calls)
        return
    assert limits.minimum <= decision.count <= limits.maximum
    assert decision.count != desired
    assert decision.cause in calls
    if deploying:
        assert decision.count > desired


@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from([-1.0, 1.0])), max_size=20))
def test_cooldowns_are_kept(steps: list[tuple[int, float]]) -> None:
    """One policy's changes in one direction are a cooldown apart."""
    running, minute = 10, 0
    cooldowns: Cooldowns = {}
    last: tuple[float, int] | None = None
    for pause, breach in steps:
        minute += pause
        policy = ADD if breach > 0 else REMOVE
        decision = decided(
            call(policy, breach), running=running, cooldowns=cooldowns, now=60 * minute
        )
        cooldowns = decision.cooldowns
        if decision.count is not None:
            running = decision.count
            if last is not None and last[0] == breach:
                assert minute - last[1] >= 5
            last = (breach, minute)


def test_nothing_is_decided_without_an_invocation() -> None:
    decision = decided()
    assert (decision.count, decision.reasons) == (None, ())
