"""The states of all alarms of a region, and the actions that are due.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import json
import zoneinfo
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.control.cloudwatch.actions import Standing, advance
from ops.control.cloudwatch.composite import Suppressor, composite_state, suppressed_by
from ops.control.cloudwatch.evaluation import State, evaluate
from ops.control.cloudwatch.mute_windows import is_active, mutes
from ops.control.expression import ExpressionError
from ops.kinds.alarms.rule import Rule
from ops.local.gaps.cloudwatch.alarm_history import record
from ops.local.gaps.cloudwatch.metric_data import store_of
from ops.local.loop.reasons import composite_reason, metric_reason
from ops.local.loop.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from moto.cloudwatch.models import Alarm, CloudWatchBackend

    from ops.control.cloudwatch.composite import Token
    from ops.control.undocumented import Choices
    from ops.local.plane.journal import Journal

_MINUTE = 60


@dataclass(frozen=True)
class Firing:
    """An alarm's actions: `before` is its former state, `value` its newest point."""

    alarm: Alarm
    actions: list[str]
    before: State
    value: float | None


@dataclass
class _Known:
    """The loop's knowledge of one alarm."""

    alarm: Alarm
    watch: Watch | None
    tokens: tuple[Token, ...] = ()
    standing: Standing = field(default_factory=Standing)
    entered: float = 0.0
    left_alarm: float | None = None
    value: float | None = None


class Alarms:
    """Evaluates the alarms of a backend. `began` is when metrics began to be published."""

    def __init__(
        self,
        backend: CloudWatchBackend,
        began: float,
        choices: Choices,
        journal: Journal,
        report: Callable[[str], None],
    ) -> None:
        self._backend = backend
        self._store = store_of(backend)
        self._began = began
        self._choices = choices
        self._journal = journal
        self._report = report
        self._known: dict[str, _Known] = {}

    def tick(self, now: float) -> list[Firing]:
        """Evaluate the alarms that are due at a time, a multiple of ten seconds; return the
        firings.

        Alarms with periods of a minute and more are evaluated every minute, others every tick.
        """
        every = int(now) % _MINUTE == 0
        self._follow(now)
        for known in self._known.values():
            if known.watch is not None and (every or known.watch.period < _MINUTE):
                self._evaluate(known, known.watch, now)
        composites = [known for known in self._known.values() if known.tokens]
        for _ in composites:  # as often as they may stand on one another
            changed = [self._combine(known, now) for known in composites]
            if not any(changed):
                break
        firings = [self._fire(known, now) for known in self._known.values()]
        return [firing for firing in firings if firing is not None]

    def state(self, name: str) -> State | None:
        """Return the state of an alarm; None if there is no such alarm."""
        alarm = self._backend.alarms.get(name)
        return None if alarm is None else State(alarm.state_value)

    def _follow(self, now: float) -> None:
        """Add alarms that were put, and forget deleted ones."""
        alarms = dict(self._backend.alarms)
        for name in self._known.keys() - alarms.keys():
            del self._known[name]
        for name, alarm in alarms.items():
            known = self._known.get(name)
            if known is not None and known.alarm is alarm:
                continue
            try:
                read = self._read(alarm)
            except (ExpressionError, ValueError, KeyError) as error:
                self._report(f"The alarm {name} cannot be evaluated: {error}")
                read = _Known(alarm, None)
            if known is not None:  # put again: the state stays
                read.standing, read.entered = known.standing, known.entered
            else:
                read.entered = now
            self._known[name] = read

    def _read(self, alarm: Alarm) -> _Known:
        if alarm.rule is None:
            return _Known(alarm, Watch.of(alarm))
        return _Known(alarm, None, tuple(_tokens(alarm.rule)))

    def _evaluate(self, known: _Known, watch: Watch, now: float) -> None:
        state = State(known.alarm.state_value)
        try:
            grid, points = watch.points(self._store, now, self._choices)
        except (ExpressionError, KeyError) as error:
            self._report(f"The alarm {known.alarm.name} cannot be evaluated: {error}")
            known.watch = None
            return
        real = [value for value in points if value is not None]
        known.value = real[-1] if real else None
        if grid.start < self._began and len(real) < watch.condition.periods:
            return  # before its start this AWS knows nothing, which is not the same as no data
        if watch.has_few_samples(self._store, grid):
            return
        evaluation = evaluate(watch.condition, points, state, self._choices)
        if evaluation.state is not state:
            reason, data = metric_reason(watch.condition, evaluation, grid, points)
            self._enter(known, evaluation.state, reason, data, now)

    def _combine(self, known: _Known, now: float) -> bool:
        """Evaluate a composite alarm, and return whether its state has changed."""
        states = {n: State(a.state_value) for n, a in dict(self._backend.alarms).items()}
        state = State(known.alarm.state_value)
        names = [token[1] for token in known.tokens if isinstance(token, tuple)]
        combined = composite_state(known.tokens, states)
        if combined is state:
            return False
        self._enter(
            known, combined, *composite_reason(known.alarm.rule or "", combined, states, names), now
        )
        return True

    def _is_new(self, name: str) -> bool:
        known = self._known.get(name)
        return known is not None and known.alarm.state_reason.startswith("Unchecked")

    def _enter(self, known: _Known, state: State, reason: str, data: str, now: float) -> None:
        alarm = known.alarm
        before = State(alarm.state_value)
        alarm.update_state(reason, data, state.value)
        record(
            self._backend,
            alarm,
            "StateUpdate",
            f"Alarm updated from {before} to {state}",
            json.dumps(
                {"version": "1.0", "newState": {"stateValue": state, "stateReason": reason}}
            ),
        )
        self._journal.add(now, "alarm", alarm.name, reason, before=before, after=state)

    def _fire(self, known: _Known, now: float) -> Firing | None:
        """Return the actions that an alarm takes; a state that a caller has set counts too."""
        alarm, before = known.alarm, known.standing.state
        state = State(alarm.state_value)
        if state is not before:
            known.entered = now
            known.left_alarm = now if before is State.ALARM else known.left_alarm
        held = self._held_by(known, state, now)
        if known.tokens:
            alarm.__dict__["actions_suppressed_by"] = held
        actions = _actions(alarm) if alarm.actions_enabled else {}
        known.standing, due = advance(
            known.standing, state, actions, now, held=held is not None or self._is_muted(alarm, now)
        )
        return Firing(alarm, due, before, known.value) if due else None

    def _held_by(self, known: _Known, state: State, now: float) -> str | None:
        named: str | None = getattr(known.alarm, "actions_suppressor", None)
        other = self._known.get((named or "").rsplit(":alarm:", 1)[-1])
        if other is None:
            return None
        suppressor = Suppressor(
            State(other.alarm.state_value),
            other.left_alarm,
            float(getattr(known.alarm, "actions_suppressor_wait_period", None) or 0),
            float(getattr(known.alarm, "actions_suppressor_extension_period", None) or 0),
        )
        return suppressed_by(suppressor, state, known.entered, now)

    def _is_muted(self, alarm: Alarm, now: float) -> bool:
        rules: dict[str, dict[str, Any]] = self._backend.__dict__.get("alarm_mute_rules", {})
        moment = datetime.fromtimestamp(now, UTC)
        return any(
            mutes(rule, alarm.name) and is_active(rule, moment, _zone_of(rule))
            for rule in list(rules.values())
        )


def _zone_of(rule: Mapping[str, Any]) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(rule["Rule"]["Schedule"].get("Timezone", "UTC"))


def _tokens(rule: str) -> list[Token]:
    """Return a rule's tokens with the plain names of alarms, which may be given as ARNs."""
    return [
        token if isinstance(token, str) else (token[0], _name(token[1].written))
        for token in Rule.parse(rule).tokens
    ]


def _name(written: str) -> str:
    return written.strip('"').rsplit(":alarm:", 1)[-1]


def _actions(alarm: Alarm) -> dict[State, list[str]]:
    return {
        State.ALARM: list(alarm.alarm_actions or ()),
        State.OK: list(alarm.ok_actions or ()),
        State.INSUFFICIENT_DATA: list(alarm.insufficient_data_actions or ()),
    }
