"""Executions of state machines.

AWS: an execution of a standard workflow runs what its definition says. Its status, its end and
its history follow; StopExecution and the deletion of its state machine abort it.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html

moto: an execution stays RUNNING, and every history has the same state "A State" of 2020. (With
`execute_state_machine` it interprets the whole language in threads of its own, and its `runTask`
starts no process.)

Closed by refusing definitions that cannot run here, and by a history that
`ops.local.fargate.jobs` writes when it runs an execution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.exceptions import AWSError
from moto.core.utils import utcnow
from moto.stepfunctions.models import Execution, StateMachine

from ops.local.gaps.step_functions.definition import Definition, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

_HISTORY = "_events"
_ENDS = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}


class InvalidDefinitionError(AWSError):
    """The state machine cannot be run."""

    TYPE = "InvalidDefinition"
    STATUS = 400


def note(execution: Execution, kind: str, **details: Any) -> None:
    """Add an event to an execution's history.

    :param details: of the event, under the name that the API has for them
    """
    events: list[dict[str, Any]] = vars(execution).setdefault(_HISTORY, [])
    events.append(
        {
            "timestamp": utcnow(),
            "type": kind,
            "id": len(events) + 1,
            "previousEventId": len(events),
            **details,
        }
    )


def end(execution: Execution, status: str, error: str | None = None, cause: str = "") -> None:
    """End an execution, unless it has ended."""
    if execution.status in _ENDS:
        return
    execution.stop_date = utcnow()
    execution.status = status
    if error is not None:
        execution.error, execution.cause = error, cause
    elif status == "SUCCEEDED":
        execution.output = cause or "{}"
    suffix = {"TIMED_OUT": "TimedOut"}.get(status, status.title())
    name = f"execution{suffix}EventDetails"
    details = {} if error is None else {name: {"error": error, "cause": cause}}
    note(execution, f"Execution{suffix}", **details)


def close() -> None:
    """Keep the states of executions up to date."""
    original = StateMachine.start_execution
    if getattr(original, "closes_gap", False):
        return
    StateMachine.start_execution = _starting(original)  # type: ignore[method-assign]
    Execution.stop = _stop  # type: ignore[method-assign]
    Execution.get_execution_history = _history  # type: ignore[method-assign]


def _starting(original: Callable[..., Execution]) -> Callable[..., Execution]:
    def start_execution(self: StateMachine, *arguments: Any, **named: Any) -> Execution:
        try:
            Definition.of(self.definition)
        except UnsupportedError as error:
            message = f"The embedded AWS cannot run state machine {self.name}: {error}"
            raise InvalidDefinitionError(message) from None
        execution = original(self, *arguments, **named)
        if _HISTORY not in vars(execution):
            started = {"input": execution.execution_input, "roleArn": self.roleArn}
            note(execution, "ExecutionStarted", executionStartedEventDetails=started)
        return execution

    start_execution.closes_gap = True  # type: ignore[attr-defined]
    return start_execution


def _stop(self: Execution, *_arguments: Any, **named: Any) -> None:
    end(self, "ABORTED", named.get("error") or None, named.get("cause") or "")


def _history(self: Execution, roleArn: str) -> list[dict[str, Any]]:  # noqa: ARG001, N803
    return list(vars(self).get(_HISTORY, ()))
