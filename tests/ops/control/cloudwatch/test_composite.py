"""Rules of composite alarms, and suppressors."""

from __future__ import annotations

import pytest

from ops.control.cloudwatch.composite import Suppressor, Token, composite_state, suppressed_by
from ops.control.cloudwatch.evaluation import State

STATES = {"on": State.ALARM, "off": State.OK, "new": State.INSUFFICIENT_DATA}
ON, OFF, NEW = ("ALARM", "on"), ("ALARM", "off"), ("INSUFFICIENT_DATA", "new")


@pytest.mark.parametrize(
    ("tokens", "is_true"),
    [
        ([ON], True),
        ([OFF], False),
        ([("OK", "off")], True),
        ([NEW], True),
        ([("ALARM", "deleted")], False),
        (["TRUE"], True),
        (["NOT", ON], False),
        ([ON, "AND", "NOT", OFF], True),
        (["TRUE", "OR", "TRUE", "AND", "FALSE"], True),
        (["(", "TRUE", "OR", "TRUE", ")", "AND", "FALSE"], False),
        (["NOT", "TRUE", "OR", "TRUE"], True),
        (["NOT", "(", "TRUE", "OR", "TRUE", ")"], False),
        (["NOT", "NOT", ON], True),
    ],
)
def test_rules(tokens: list[Token], is_true: bool) -> None:
    expected = State.ALARM if is_true else State.OK
    assert composite_state(tokens, STATES) is expected


@pytest.mark.parametrize(
    ("state", "left", "now", "reason"),
    [
        (State.ALARM, None, 200, "Alarm"),
        (State.OK, None, 119, "WaitPeriod"),  # it entered ALARM at 0 and waits for 120 s
        (State.OK, None, 120, None),
        (State.OK, 150, 329, "ExtensionPeriod"),  # the suppressor left ALARM at 150
        (State.OK, 150, 330, None),
    ],
)
def test_a_suppressor_holds_actions_back(
    state: State, left: float | None, now: float, reason: str | None
) -> None:
    suppressor = Suppressor(state, left, wait=120, extension=180)
    assert suppressed_by(suppressor, State.ALARM, entered=0, now=now) == reason


def test_recovery_does_not_wait_for_a_suppressor() -> None:
    suppressor = Suppressor(State.OK, None, wait=120, extension=180)
    assert suppressed_by(suppressor, State.OK, entered=0, now=1) is None


def test_without_a_suppressor_nothing_is_held_back() -> None:
    assert suppressed_by(None, State.ALARM, entered=0, now=0) is None
