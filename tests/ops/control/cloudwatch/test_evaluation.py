"""The states of metric alarms, against the tables of CloudWatch's user guide.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.control.cloudwatch.evaluation import Condition, Missing, State, evaluate
from ops.control.undocumented import Choices, Premature

ALARM, OK, UNKNOWN = State.ALARM, State.OK, State.INSUFFICIENT_DATA
KEEP = "the state that it had"
VALUES = {"-": None, "0": 0.0, "X": 10.0}
ORDER = (Missing.MISSING, Missing.IGNORE, Missing.BREACHING, Missing.NOT_BREACHING)


def points(text: str) -> list[float | None]:
    """Read the points of a table of AWS's: `0` does not breach, `X` breaches, `-` is missing."""
    return [VALUES[sign] for sign in text.split()]


def condition(needed: int, missing: Missing, periods: int = 3) -> Condition:
    return Condition("GreaterThanThreshold", 5, periods, needed, missing)


ROWS = [
    # M of 3, the evaluation range, and the states for ORDER
    (3, "0 - X - X", (OK, OK, OK, OK)),
    (3, "0 - - - -", (OK, OK, OK, OK)),
    (3, "- - - - -", (UNKNOWN, KEEP, ALARM, OK)),
    (3, "0 X X - X", (ALARM, ALARM, ALARM, ALARM)),
    (3, "- - X - -", (ALARM, KEEP, ALARM, OK)),
    (2, "0 - X - X", (ALARM, ALARM, ALARM, ALARM)),
    (2, "0 0 X 0 X", (ALARM, ALARM, ALARM, ALARM)),
    (2, "0 - X - -", (OK, OK, ALARM, OK)),
    (2, "- - - - 0", (OK, OK, ALARM, OK)),
    (2, "- - - X -", (ALARM, KEEP, ALARM, OK)),
]


@pytest.mark.parametrize(("needed", "text", "states"), ROWS)
@pytest.mark.parametrize("before", list(State))
def test_both_tables_of_missing_data(
    needed: int, text: str, states: tuple[State | str, ...], before: State
) -> None:
    for missing, expected in zip(ORDER, states, strict=True):
        found = evaluate(condition(needed, missing), points(text), before).state
        assert found is (before if expected == KEEP else expected), missing


@pytest.mark.parametrize("text", ["- - - - X", "- - - X -"])
@pytest.mark.parametrize("before", [State.OK, State.INSUFFICIENT_DATA])
def test_one_young_breaching_point_is_no_alarm(text: str, before: State) -> None:
    assert evaluate(condition(3, Missing.MISSING), points(text), before).state is before


def test_the_other_reading_of_a_young_point_is_ok() -> None:
    choices = Choices(premature=Premature.OK)
    found = evaluate(condition(3, Missing.MISSING), points("- - - - X"), UNKNOWN, choices)
    assert found.state is OK


def test_an_alarm_stays_while_its_last_points_are_in_the_range() -> None:
    """The metric ends: its points leave the evaluation range one by one, then data is missing."""
    state, seen = ALARM, []
    for text in ("X X X X -", "X X X - -", "X X - - -", "X - - - -", "- - - - -"):
        state = evaluate(condition(3, Missing.MISSING), points(text), state).state
        seen.append(state)
    assert seen == [ALARM, ALARM, ALARM, ALARM, UNKNOWN]


def test_the_newest_real_points_decide_when_enough_are_there() -> None:
    found = evaluate(condition(2, Missing.BREACHING), points("X X 0 0 0"), ALARM)
    assert (found.state, found.filled) == (OK, 0)


def test_a_result_says_how_many_points_were_filled() -> None:
    found = evaluate(condition(2, Missing.BREACHING), points("- - - - 0"), OK)
    assert found.values == (0.0,)
    assert found.filled == 2


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", [6]),
        ("GreaterThanOrEqualToThreshold", [5, 6]),
        ("LessThanThreshold", [4]),
        ("LessThanOrEqualToThreshold", [4, 5]),
    ],
)
def test_comparisons_are_strict_unless_they_say_otherwise(
    comparison: str, breaching: list[float]
) -> None:
    alarm = Condition(comparison, 5, 1, 1)
    assert [value for value in (4, 5, 6) if alarm.breaches(value)] == breaching


@given(
    st.lists(st.sampled_from([None, 0.0, 10.0]), min_size=5, max_size=5),
    st.integers(1, 3),
    st.sampled_from(Missing),
    st.sampled_from(State),
)
def test_no_alarm_without_a_breach_and_no_ok_without_a_point(
    given_points: list[float | None], needed: int, missing: Missing, before: State
) -> None:
    found = evaluate(condition(needed, missing), given_points, before).state
    if missing is not Missing.BREACHING and 10.0 not in given_points:
        assert found is not ALARM or before is ALARM
    if missing is Missing.MISSING and not any(p is not None for p in given_points):
        assert found is UNKNOWN
    if None not in given_points:
        assert found is (ALARM if given_points[-3:].count(10.0) >= needed else OK)
