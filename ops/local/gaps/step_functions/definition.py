"""The definition of a state machine that runs one task of ECS, as Copilot's jobs have it. Pure.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RUN_TASK = "states:::ecs:runTask.sync"
ALL, TASK_FAILED, TIMEOUT = "States.ALL", "States.TaskFailed", "States.Timeout"

_OF_MACHINE = {"Version", "Comment", "TimeoutSeconds", "StartAt", "States"}
_OF_STATE = {"Type", "Comment", "Resource", "Parameters", "Retry", "End"}
_OF_RETRIER = {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate"}
_CONTEXT = "$$."


class UnsupportedError(ValueError):
    """A state machine that the embedded AWS cannot run."""


@dataclass(frozen=True)
class Retrier:
    """An entry of `Retry`; the defaults are those of the Amazon States Language."""

    errors: tuple[str, ...]
    interval: float = 1.0
    """Seconds before the first retry."""
    attempts: int = 3
    """The most retries, without the first attempt."""
    rate: float = 2.0

    def covers(self, error: str) -> bool:
        """Return whether it retries after an error."""
        if ALL in self.errors or error in self.errors:
            return True
        return TASK_FAILED in self.errors and error != TIMEOUT

    def pause(self, retry: int) -> float:
        """Return the seconds before a retry; the first is number 1."""
        return self.interval * self.rate ** (retry - 1)


@dataclass(frozen=True)
class Definition:
    """A state machine of one state that runs a task and waits for its end."""

    state: str
    parameters: Mapping[str, Any]
    timeout: float | None
    """Seconds for an execution with all its retries."""
    retriers: tuple[Retrier, ...]

    @classmethod
    def of(cls, text: str) -> Definition:
        """Read a definition. Raise UnsupportedError if it is not of this kind."""
        try:
            machine = json.loads(text)
        except ValueError as error:
            raise UnsupportedError(f"its definition is not JSON: {error}") from None
        if not isinstance(machine, dict):
            raise UnsupportedError("its definition is not a JSON object")
        states = machine.get("States") or {}
        name = str(machine.get("StartAt"))
        if len(states) != 1 or name not in states:
            raise UnsupportedError(f"it has {len(states)} states; only one that runs a task can")
        state = states[name]
        _check("the state machine", machine, _OF_MACHINE)
        _check(f"the state {name}", state, _OF_STATE)
        resource = str(state.get("Resource", ""))
        if not resource.endswith(RUN_TASK):
            raise UnsupportedError(f"the state {name} is not a task of {RUN_TASK}")
        timeout = machine.get("TimeoutSeconds")
        return cls(
            state=name,
            parameters=state.get("Parameters") or {},
            timeout=None if timeout is None else float(timeout),
            retriers=tuple(_retrier(raw) for raw in state.get("Retry") or ()),
        )

    def arguments(self, context: Mapping[str, str]) -> dict[str, Any]:
        """Return the parameters of RunTask, as its API spells them.

        :param context: the values of the context object, such as `Execution.Name`
        """
        arguments: dict[str, Any] = _resolved(self.parameters, context)
        return arguments


def _check(what: str, fields: Mapping[str, Any], known: Iterable[str]) -> None:
    unknown = sorted(set(fields) - set(known))
    if unknown:
        raise UnsupportedError(f"{what} has {', '.join(unknown)}, which cannot be run here")


def _retrier(raw: Mapping[str, Any]) -> Retrier:
    _check("an entry of Retry", raw, _OF_RETRIER)
    return Retrier(
        tuple(raw.get("ErrorEquals") or ()),
        float(raw.get("IntervalSeconds", Retrier.interval)),
        int(raw.get("MaxAttempts", Retrier.attempts)),
        float(raw.get("BackoffRate", Retrier.rate)),
    )


def _resolved(value: Any, context: Mapping[str, str]) -> Any:
    """Replace paths by values, and begin each name with a small letter, as the API does."""
    if isinstance(value, list):
        return [_resolved(entry, context) for entry in value]
    if not isinstance(value, dict):
        return value
    resolved = {}
    for name, entry in value.items():
        plain = name.removesuffix(".$")
        result = _resolved(entry, context) if plain == name else _at(entry, context)
        resolved[plain[:1].lower() + plain[1:]] = result
    return resolved


def _at(path: Any, context: Mapping[str, str]) -> str:
    name = str(path).removeprefix(_CONTEXT)
    if not str(path).startswith(_CONTEXT) or name not in context:
        raise UnsupportedError(f"the path {path} cannot be read here")
    return context[name]
