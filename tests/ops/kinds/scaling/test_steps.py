"""Step adjustments: the ones that AWS accepts, and the effect of its rounding."""

from itertools import pairwise
from math import ceil, floor, inf, isclose
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ops.copilot.workload import TaskRange
from ops.kinds.scaling.steps import adding, counting, removing
from tests.ops.kinds.scaling.step_math import added, bounds, removed

targets = st.floats(0.1, 2).map(lambda value: round(value, 3))
margins = st.floats(0.02, 1).map(lambda value: round(value, 3))
ranges = st.builds(
    lambda least, more: TaskRange(least, least + more), st.integers(0, 50), st.integers(0, 500)
)
counts = st.integers(1, 500)
shares = st.integers(1, 90)  # percent


def assert_aws_takes(steps: Any) -> None:  # noqa: ANN401
    assert 1 <= len(steps) <= 20
    for step in steps:
        lower, upper = bounds(step)
        assert lower < upper
        assert (lower, upper) != (-inf, inf)
    for one, other in pairwise(steps):
        assert bounds(one)[1] == bounds(other)[0]


@given(targets, margins, st.none() | ranges)
def test_adding_covers_all_above_the_threshold(
    target: float, margin: float, tasks: TaskRange | None
) -> None:
    steps: Any = adding(target + margin, target, tasks)
    assert_aws_takes(steps)
    assert bounds(steps[0])[0] == 0
    assert bounds(steps[-1])[1] == inf
    percents = [step["ScalingAdjustment"] for step in steps]
    assert all(percent > 0 for percent in percents)
    assert percents == sorted(percents)


@given(targets, margins, ranges, counts, st.floats(0, 50))
def test_adding_gives_what_the_load_asks_for(
    target: float, margin: float, tasks: TaskRange, running: int, over: float
) -> None:
    """The result is `running * load / target`, within half a step's width and a task."""
    threshold = target + margin
    assume(max(tasks.least, 1) <= running <= tasks.most)
    steps: Any = adding(threshold, target, tasks)
    load = threshold + over
    after = min(tasks.most, running + added(steps, running, over))
    asked = running * load / target
    span = max(tasks.most / max(tasks.least, 1), threshold / target)
    half = max(1.05, (span / (threshold / target)) ** (1 / 20)) ** 0.5
    assert after >= min(tasks.most, floor(asked / half * 0.999))
    if over < bounds(steps[-1])[0]:
        assert after <= max(running + 1, ceil(asked * half * 1.01))
    else:
        assert after == tasks.most


@given(targets, margins, ranges, counts, st.floats(0.0001, 5))
def test_nothing_is_added_below_the_threshold(
    target: float, margin: float, tasks: TaskRange, running: int, under: float
) -> None:
    assert added(adding(target + margin, target, tasks), running, -under) == 0


@given(targets, st.floats(0.3, 0.99), shares)
def test_removing_covers_all_below_the_threshold(target: float, share: float, at_most: int) -> None:
    steps: Any = removing(target * share, target, at_most)
    assert_aws_takes(steps)
    assert bounds(steps[0])[0] == -inf
    assert bounds(steps[-1])[1] == 0
    assert all(-max(1, at_most) <= step["ScalingAdjustment"] <= -1 for step in steps)


@given(targets, st.floats(0.3, 0.99), shares, counts, st.floats(0, 1))
def test_removing_leaves_no_task_above_the_target(
    target: float, share: float, at_most: int, running: int, part: float
) -> None:
    """The metric is the load with one task fewer, so even one task can be removed."""
    assume(running > 1)
    threshold = target * share
    with_one_fewer = threshold * part
    steps = removing(threshold, target, at_most)
    gone = removed(steps, running, with_one_fewer - threshold)
    after = running - gone
    assert 0 < gone < running
    assert gone <= max(1, running * at_most / 100)
    load = with_one_fewer * (running - 1) / after
    assert load <= target or isclose(load, target, rel_tol=1e-3)


def test_the_first_step_is_the_smallest() -> None:
    steps: Any = adding(1.15, 0.95, TaskRange(2, 20))
    assert len(steps) == 20
    assert steps[0] == {
        "MetricIntervalLowerBound": 0.0,
        "MetricIntervalUpperBound": 0.1281,
        "ScalingAdjustment": 28,
    }
    assert steps[-1]["ScalingAdjustment"] == 900  # from 2 to 20


def test_tasks_are_removed_in_finer_and_finer_steps_down_to_one_percent() -> None:
    steps: Any = removing(0.85, 0.95, 25)
    assert len(steps) == 20
    assert steps[0] == {"MetricIntervalUpperBound": -0.1375, "ScalingAdjustment": -25}
    assert steps[-1]["ScalingAdjustment"] == -10
    assert removing(0.999, 1, 50)[-1]["ScalingAdjustment"] == -1  # type: ignore[call-overload,index]


def test_a_service_that_hardly_scales_has_one_step() -> None:
    assert adding(1.15, 0.95, TaskRange(4, 4)) == [
        {"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 22}
    ]


def test_without_a_range_a_service_may_grow_to_32_times_its_size() -> None:
    assert adding(1.15, 0.95, None) == adding(1.15, 0.95, TaskRange(1, 32))


def test_counting_starts_at_the_lowest_value() -> None:
    assert counting({500: 5, 100: 1}) == [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 400, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 400, "ScalingAdjustment": 5},
    ]
