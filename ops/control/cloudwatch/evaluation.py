"""The state of a metric alarm, from the points of its evaluation range.

Pure.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from ops.control.undocumented import DEFAULT, Choices, Premature


class State(StrEnum):
    """An alarm's state."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Missing(StrEnum):
    """The treatment of missing data."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """An alarm's condition: `needed` of `periods` points breach the threshold."""

    comparison: str
    threshold: float
    periods: int
    needed: int
    missing: Missing = Missing.MISSING

    def breaches(self, value: float) -> bool:
        """Return whether a value breaches the threshold."""
        return _COMPARISONS[self.comparison](value, self.threshold)

    def fetched(self, choices: Choices = DEFAULT) -> int:
        """Return the length of the evaluation range in periods."""
        return self.periods + choices.spare_periods


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A state, the real values that decided it (oldest first), and the number of filled-in ones."""

    state: State
    values: tuple[float, ...]
    filled: int


def evaluate(
    condition: Condition,
    points: Sequence[float | None],
    state: State,
    choices: Choices = DEFAULT,
) -> Evaluation:
    """Return an alarm's new state.

    `points` are those of the evaluation range, oldest first; `state` is the present one. With N
    real points the newest N decide and the treatment of missing data does not matter. With fewer,
    all of them decide, and the rest is filled.
    """
    real = [value for value in points if value is not None]
    if len(real) >= condition.periods:
        newest = real[-condition.periods :]
        breaching = sum(map(condition.breaches, newest))
        decided = State.ALARM if breaching >= condition.needed else State.OK
        return Evaluation(decided, tuple(newest), 0)
    filled = condition.periods - len(real)
    breaching = sum(map(condition.breaches, real))
    decided = _with_missing(condition, points, breaching, state, choices)
    return Evaluation(decided, tuple(real), filled)


def _with_missing(
    condition: Condition,
    points: Sequence[float | None],
    breaching: int,
    state: State,
    choices: Choices,
) -> State:
    """Return the state if fewer than N points are real, `breaching` of which breach."""
    real = sum(value is not None for value in points)
    if breaching >= condition.needed:
        return State.ALARM
    match condition.missing:
        case Missing.BREACHING:
            enough = breaching + condition.periods - real >= condition.needed
            decided = State.ALARM if enough else State.OK
        case Missing.NOT_BREACHING:
            decided = State.OK
        case Missing.IGNORE:
            decided = State.OK if breaching < real else state
        case Missing.MISSING if real == 0:
            decided = State.INSUFFICIENT_DATA
        case Missing.MISSING if breaching < real:
            decided = State.OK
        case Missing.MISSING:
            decided = _all_breach(condition, points, state, choices)
        case _:
            assert_never(condition.missing)
    return decided


def _all_breach(
    condition: Condition, points: Sequence[float | None], state: State, choices: Choices
) -> State:
    """Guard against a premature ALARM where every real point breaches, but too few are there.

    The alarm goes into ALARM once the oldest of them is at least M periods old.
    """
    oldest = next(place for place, value in enumerate(points) if value is not None)
    if len(points) - oldest >= condition.needed:
        return State.ALARM
    return State.OK if choices.premature is Premature.OK else state
