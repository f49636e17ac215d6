"""The state of a composite alarm, and the suppression of its actions.

Pure.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ops.control.cloudwatch.evaluation import State

Token: TypeAlias = str | tuple[str, str]
"""`AND`, `OR`, `NOT`, `TRUE`, `FALSE`, a bracket, or a state and the alarm that is to be in it."""


def composite_state(tokens: Sequence[Token], states: Mapping[str, State]) -> State:
    """Return ALARM if the rule is true, else OK; INSUFFICIENT_DATA is only for new alarms.

    `tokens` are those of a rule that CloudWatch can read, `states` those of the alarms that it
    names. AWS does not give the precedence; here it is NOT, AND, OR.
    """
    return State.ALARM if _Rule(tokens, states).holds() else State.OK


class _Rule:
    def __init__(self, tokens: Sequence[Token], states: Mapping[str, State]) -> None:
        self._tokens: Iterator[Token | None] = iter([*tokens, None])
        self._states = states
        self._next = next(self._tokens)

    def holds(self) -> bool:
        return self._any()

    def _take(self) -> Token | None:
        taken, self._next = self._next, next(self._tokens, None)
        return taken

    def _any(self) -> bool:
        result = self._all()
        while self._next == "OR":
            self._take()
            result = self._all() or result
        return result

    def _all(self) -> bool:
        result = self._one()
        while self._next == "AND":
            self._take()
            result = self._one() and result
        return result

    def _one(self) -> bool:
        word = self._take()
        if word == "NOT":
            return not self._one()
        if word == "(":
            result = self._any()
            self._take()
            return result
        if isinstance(word, tuple):
            state, alarm = word
            return self._states.get(alarm) == state
        return word == "TRUE"


@dataclass(frozen=True, slots=True)
class Suppressor:
    """The suppressor of a composite alarm's actions. Times are seconds of any one clock."""

    state: State
    left_alarm: float | None
    """When it last left ALARM."""
    wait: float
    extension: float


def suppressed_by(
    suppressor: Suppressor | None, state: State, entered: float, now: float
) -> str | None:
    """Return why a composite alarm's actions are held back, in AWS's words; None if they are not.

    `entered` is when the composite alarm entered its state. After it goes into ALARM, actions wait
    for the suppressor to go into ALARM too.
    """
    if suppressor is None:
        return None
    if suppressor.state is State.ALARM:
        return "Alarm"
    left = suppressor.left_alarm
    if left is not None and now < left + suppressor.extension:
        return "ExtensionPeriod"
    if state is State.ALARM and now < entered + suppressor.wait:
        return "WaitPeriod"
    return None
