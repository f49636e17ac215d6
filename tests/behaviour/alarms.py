"""States of alarms: the tables of missing data, actions, composite alarms, mute rules."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.behaviour.case import API, GUIDE, Case, expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.behaviour.case import Asked

MISSING = f"{GUIDE}/alarms-and-missing-data.html"
MATH = f"{GUIDE}/using-metric-math.html"
VALUES = {"0": 0.0, "X": 10.0}
UNKNOWN = "INSUFFICIENT_DATA"
KEPT = "OK"  # the state before: each case begins with enough good points
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")

# M of 3, the newest five points, and the states for each treatment; AWS's two tables.
ROWS: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (3, "0-X-X", ("OK", "OK", "OK", "OK")),
    (3, "0----", ("OK", "OK", "OK", "OK")),
    (3, "-----", (UNKNOWN, KEPT, "ALARM", "OK")),
    (3, "0XX-X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (3, "--X--", ("ALARM", KEPT, "ALARM", "OK")),
    (2, "0-X-X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (2, "00X0X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (2, "0-X--", ("OK", "OK", "ALARM", "OK")),
    (2, "----0", ("OK", "OK", "ALARM", "OK")),
    (2, "---X-", ("ALARM", KEPT, "ALARM", "OK")),
)


def put_alarm(world: Asked, name: str = "alarm", **rest: Any) -> None:
    """Put an alarm that fires if the load is above 5 for three minutes."""
    settings: dict[str, Any] = {
        "AlarmName": name,
        "Namespace": "Kit",
        "MetricName": "Load",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
        **rest,
    }
    world.client("cloudwatch").put_metric_alarm(**settings)


def pass_points(world: Asked, signs: str, name: str = "Load") -> None:
    """Let a minute pass for each sign: `0` and `X` put a value first, `-` puts no value."""
    for sign in signs:
        if sign != "-":
            world.client("cloudwatch").put_metric_data(
                Namespace="Kit", MetricData=[{"MetricName": name, "Value": VALUES[sign]}]
            )
        world.minutes(1)


def state(world: Asked, name: str = "alarm") -> str:
    """Return an alarm's state."""
    found = world.client("cloudwatch").describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    (alarm,) = found["MetricAlarms"] + found["CompositeAlarms"]
    result: str = alarm["StateValue"]
    return result


def _row(needed: int, signs: str, treatment: str, expected: str, world: Asked) -> None:
    put_alarm(world, DatapointsToAlarm=needed, TreatMissingData=treatment)
    pass_points(world, "000" + signs)
    expect(state(world), expected)


def _rows() -> Iterator[Case]:
    for needed, signs, states in ROWS:
        for treatment, expected in zip(TREATMENTS, states, strict=True):
            rule = f"{needed} of 3, `{' '.join(signs)}`, {treatment}: {expected}"
            yield Case(rule, MISSING, partial(_row, needed, signs, treatment, expected))


def _new(world: Asked) -> None:
    put_alarm(world)
    expect(state(world), UNKNOWN)


def _premature(world: Asked) -> None:
    put_alarm(world)
    pass_points(world, "000----X")
    expect(state(world), "OK")


def _put_again(world: Asked) -> None:
    put_alarm(world)
    world.client("cloudwatch").set_alarm_state(
        AlarmName="alarm", StateValue="ALARM", StateReason="a test"
    )
    put_alarm(world, Threshold=6)
    expect(state(world), "ALARM")


def _set_state(world: Asked) -> None:
    put_alarm(world)
    pass_points(world, "000")
    world.client("cloudwatch").set_alarm_state(
        AlarmName="alarm", StateValue="ALARM", StateReason="a test"
    )
    expect(state(world), "ALARM")
    pass_points(world, "0")
    expect(state(world), "OK")


def _strict(world: Asked) -> None:
    put_alarm(world, Threshold=10)
    pass_points(world, "XXX")
    expect(state(world), "OK")


def _history(world: Asked) -> None:
    put_alarm(world)
    pass_points(world, "000XXX")
    found = world.client("cloudwatch").describe_alarm_history(
        AlarmName="alarm", HistoryItemType="StateUpdate"
    )
    summaries = [each["HistorySummary"] for each in found["AlarmHistoryItems"]]
    expect(summaries[0], "Alarm updated from OK to ALARM")


def _math(expression: str, others: str, world: Asked) -> None:
    def query(name: str, metric: str) -> dict[str, Any]:
        stat = {"Metric": {"Namespace": "Kit", "MetricName": metric}, "Period": 60, "Stat": "Sum"}
        return {"Id": name, "MetricStat": stat, "ReturnData": False}

    world.client("cloudwatch").put_metric_alarm(
        AlarmName="alarm",
        Metrics=[
            query("m1", "Load"),
            query("m2", "Other"),
            {"Id": "e", "Expression": expression, "ReturnData": True},
        ],
        EvaluationPeriods=3,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    for sign in others or "---":
        if sign != "-":
            world.client("cloudwatch").put_metric_data(
                Namespace="Kit", MetricData=[{"MetricName": "Other", "Value": VALUES[sign]}]
            )
        pass_points(world, "X")
    expect(state(world), "ALARM")


def _composite(rule: str, expected: str, world: Asked) -> None:
    put_alarm(world, "a", EvaluationPeriods=1)
    put_alarm(world, "b", EvaluationPeriods=1, Threshold=50)
    world.client("cloudwatch").put_composite_alarm(AlarmName="both", AlarmRule=rule)
    pass_points(world, "X")  # a is in ALARM, b is OK
    expect(state(world, "both"), expected)


RULES = (
    ('ALARM("a") AND OK("b")', "ALARM"),
    ('ALARM("a") AND ALARM("b")', "OK"),
    ('ALARM("b") OR ALARM("a")', "ALARM"),
    ('NOT ALARM("a")', "OK"),
    ('NOT (ALARM("b") OR FALSE) AND TRUE', "ALARM"),
)
EXPRESSIONS = (
    ("a missing metric counts as 0 in a sum", "m1 + m2", ""),
    ("where the condition of IF is 0, its third value counts", "IF(FILL(m2, 1) > 0, 0, m1)", "000"),
    ("where the condition of IF is not 0, its second value counts", "IF(m2, m1, 0)", "XXX"),
    ("a comparison with a number is 1 where it holds", "m1 > 9", ""),
)


def _cases() -> Iterator[Case]:
    put, set_state = f"{API}/API_PutMetricAlarm.html", f"{API}/API_SetAlarmState.html"
    yield Case("a new alarm is INSUFFICIENT_DATA", put, _new)
    yield Case("an alarm that is put again keeps its state", put, _put_again)
    yield Case("a state that is set lasts until the next evaluation", set_state, _set_state)
    yield Case("GreaterThanThreshold is strict", put, _strict)
    yield Case("one young breaching point is no alarm", MISSING, _premature)
    history = f"{API}/API_DescribeAlarmHistory.html"
    yield Case("the history tells a change of state", history, _history)
    yield from _rows()
    for rule, expression, others in EXPRESSIONS:
        yield Case(rule, MATH, partial(_math, expression, others))
    for rule, expected in RULES:
        ask = partial(_composite, rule, expected)
        yield Case(f"`{rule}` is {expected}", f"{API}/API_PutCompositeAlarm.html", ask)


CASES = tuple(_cases())
