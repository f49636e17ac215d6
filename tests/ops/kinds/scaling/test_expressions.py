"""The values of the policies' expressions, and the resulting task counts.

CloudWatch's page does not define comparisons with missing values, so both readings are tried.
"""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.copilot.place import ServicePlace, ServiceStack
from ops.copilot.workload import Queue, TaskRange, Workload
from ops.kinds.scaling import metrics
from ops.kinds.scaling.desired import desired
from ops.kinds.scaling.settings import Settings
from ops.plan.model import Json
from tests.ops.kinds.scaling.metric_math import Math
from tests.ops.kinds.scaling.step_math import added, removed

STACK = ServiceStack("shop-prod-worker", "shop-prod", "shop-worker", scalable_target="target")
READINGS = pytest.mark.parametrize("compares_missing", [False, True])
EACH, DRAIN = 0.5, 600  # seconds

tasks = st.integers(1, 500)
messages = st.integers(0, 100_000) | st.floats(0, 100, allow_nan=False)


def expression(queries: Any) -> str:  # noqa: ANN401  # metric math as in AWS's JSON
    return str(queries[[each["Id"] for each in queries].index("result")]["Expression"])


BELOW = 0.9


def load() -> str:
    return expression(metrics.load("jobs", STACK, EACH, DRAIN))


def with_one_fewer() -> str:
    made = metrics.load_with_one_task_fewer("jobs", STACK, EACH, DRAIN, last_task=BELOW)
    return expression(made)


def backlog(*, in_flight: bool) -> str:
    return expression(metrics.backlog_per_task("jobs", STACK, in_flight=in_flight))


@READINGS
@pytest.mark.parametrize(
    "written", [load(), with_one_fewer(), backlog(in_flight=False), backlog(in_flight=True)]
)
def test_a_minute_has_no_value_before_both_its_inputs_are_in(
    written: str, compares_missing: bool
) -> None:
    for running, visible in product((None, 4.0), (None, 0.0, 100.0)):
        values = {"running": running, "visible": visible, "sent": 60.0, "held": 3.0}
        value = Math(values, compares_missing).evaluate(written)
        assert (value is None) == (running is None or visible is None)
        assert value is None or value >= 0


@READINGS
def test_what_sqs_leaves_out_when_there_is_none_counts_as_none(compares_missing: bool) -> None:
    idle = {"running": 4.0, "visible": 8.0, "sent": None, "held": None}
    assert Math(idle, compares_missing).evaluate(load()) == 8 * EACH / DRAIN / 4
    assert Math(idle, compares_missing).evaluate(backlog(in_flight=True)) == 2
    # The first task is started for messages that nobody holds.
    unclaimed = expression(metrics.unclaimed("jobs"))
    assert Math(idle, compares_missing).evaluate(unclaimed) == 8
    assert Math({**idle, "held": 1.0}, compares_missing).evaluate(unclaimed) == 0


@READINGS
@given(tasks, messages, messages)
def test_the_load_is_what_arrives_and_waits_over_the_tasks(
    compares_missing: bool, running: int, sent: float, visible: float
) -> None:
    math = Math({"running": running, "sent": sent, "visible": visible}, compares_missing)
    work = sent / 60 * EACH + visible * EACH / DRAIN
    assert math.evaluate(load()) == pytest.approx(work / running)
    with_fewer = math.evaluate(with_one_fewer())
    assert with_fewer == pytest.approx(BELOW if running == 1 else work / (running - 1))


@given(tasks, messages, messages)
def test_three_samples_a_minute_for_each_task_are_the_same_load(
    running: int, sent: float, visible: float
) -> None:
    fine = replace(STACK, metric_resolution=20)
    values = {"running": running, "sent": sent, "visible": visible, "held": 3.0}
    once = Math(values, compares_missing=False)
    thrice = Math({**values, "running": 3 * running}, compares_missing=False)
    for coarse_queries, fine_queries in (
        (metrics.load("jobs", STACK, EACH, DRAIN), metrics.load("jobs", fine, EACH, DRAIN)),
        (
            metrics.load_with_one_task_fewer("jobs", STACK, EACH, DRAIN, last_task=BELOW),
            metrics.load_with_one_task_fewer("jobs", fine, EACH, DRAIN, last_task=BELOW),
        ),
        (
            metrics.backlog_per_task("jobs", STACK, in_flight=True),
            metrics.backlog_per_task("jobs", fine, in_flight=True),
        ),
    ):
        expected = once.evaluate(expression(coarse_queries))
        assert thrice.evaluate(expression(fine_queries)) == pytest.approx(expected)


def asked(
    range_: TaskRange, running: int, sent: float, visible: float | None, *, is_seen: bool = True
) -> int:
    """Return the desired count after the alarms and their policies have acted once."""
    workload = Workload(tasks=range_, queue=Queue(name="jobs"))
    place = ServicePlace("shop", "prod", "worker", STACK, workload)
    settings = Settings.model_validate({"load_per_task": {"seconds_per_task": EACH}})
    policies: Any = {each.name: each.properties for each in desired(settings, place)}
    seen = running if is_seen else None
    math = Math({"running": seen, "sent": sent, "visible": visible}, compares_missing=False)

    def distance(policy: Any) -> float | None:  # noqa: ANN401
        value = math.evaluate(expression(policy["Alarm"]["Metrics"]))
        return None if value is None else value - policy["Alarm"]["Threshold"]

    def steps(policy: Any) -> Json:  # noqa: ANN401
        found: Json = policy["StepScalingPolicyConfiguration"]["StepAdjustments"]
        return found

    out, in_ = policies["worker/ops-load-out"], policies["worker/ops-load-in"]
    over, under = distance(out), distance(in_)
    more = added(steps(out), running, over) if over is not None and over > 0 else 0
    less = removed(steps(in_), running, under) if under is not None and under < 0 else 0
    assert not (more and less), "one alarm adds and the other removes"
    return min(max(running + more - less, range_.least), range_.most)


@given(st.integers(1, 20), st.integers(0, 100), st.data(), messages, messages, messages)
def test_more_to_do_never_ends_with_fewer_tasks(
    least: int, more: int, data: st.DataObject, sent: float, visible: float, extra: float
) -> None:
    range_ = TaskRange(least, least + more)
    running = data.draw(st.integers(range_.least, range_.most))
    some = asked(range_, running, sent, visible)
    assert some <= asked(range_, running, sent + extra, visible)
    assert some <= asked(range_, running, sent, visible + extra)


@given(st.integers(1, 500), st.floats(0, 1))
def test_a_load_near_the_target_moves_nothing(running: int, part: float) -> None:
    """The load is too high for one task fewer, and low enough for the running tasks."""
    least, most = 0.901 * (running - 1), 1.149 * running
    sent = (least + (most - least) * part) * 60 / EACH
    assert asked(TaskRange(1, 500), running, sent, 0) == running


@given(messages, messages)
def test_the_last_task_is_kept_where_none_may_run(sent: float, visible: float) -> None:
    """The alarm's value is not below its threshold, so the alarm cannot stay in ALARM."""
    assert asked(TaskRange(0, 20), 1, sent, visible) >= 1


@given(tasks, messages, messages)
def test_nothing_moves_before_all_is_in(running: int, sent: float, visible: float) -> None:
    assert asked(TaskRange(1, 500), running, sent, None) == running
    assert asked(TaskRange(1, 500), running, sent, visible, is_seen=False) == running
