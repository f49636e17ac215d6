"""Outcomes of the tasks of a service: the failures of a deployment, and the pauses after them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ops.control.ecs.phase import Phase
from ops.control.ecs.rollout import backoff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ops.control.ecs.breaker import Breaker
    from ops.local.fargate.tasks.task import Task

SPOT_CODE = "SpotInterruption"
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html"""

SPOT_REASON = "Your Spot Task was interrupted."


BREAKER = "ECS deployment circuit breaker:"
"""How ECS begins `rolloutStateReason` where the circuit breaker had a hand in it."""

USER = "Service deployment rolled back at a user's request:"
"""The same where StopServiceDeployment had."""

ALARMS = "ECS deployment alarms:"
"""The same where an alarm had. AWS documents no text."""


class Ending(NamedTuple):
    """The failure of a deployment."""

    by: str
    why: str
    rolls_back: bool


@dataclass(frozen=True)
class TaskFailure:
    """A task that ended without a request."""

    reason: str
    exits: tuple[str, ...]
    """`container NAME exited with CODE`."""
    lines: tuple[str, ...]
    """The last lines of its containers."""

    @classmethod
    def of(cls, task: Task) -> TaskFailure:
        """Return the failure of a task."""
        exits = (
            f"container {c.definition.name} exited with {c.exit_code}"
            for c in task.containers
            if c.exit_code is not None
        )
        lines = tuple(line for container in task.containers for line in container.log.last)
        return cls(task.record.stopped_reason or "", tuple(exits), lines)


class Outcomes:
    """The outcomes of a service's tasks. `report` is called for each task that died."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self.last_failure: TaskFailure | None = None
        self._report = report
        self._healthy: set[Task] = set()
        self._failed: set[Task] = set()
        self._failures = 0
        self._not_before = 0.0

    @property
    def may_start(self) -> bool:
        """Return whether the pause after the last failures is over."""
        return time.monotonic() >= self._not_before

    def forget_failures(self) -> None:
        """Forget earlier failures, so that a rollback starts without a pause."""
        self._failures, self._not_before = 0, 0.0

    def count(self, tasks: Iterable[Task], primary: dict[str, Any], breaker: Breaker) -> None:
        """Update the primary deployment's `failedTasks`, and the pause before the next start."""
        for task in tasks:
            of_primary = task.plan.deployment == primary["id"]
            if task.phase is Phase.HEALTHY and of_primary and task not in self._healthy:
                self._healthy.add(task)
                self._failures = 0
                primary["failedTasks"] = breaker.after_healthy(primary["failedTasks"])
            if task.phase is not Phase.STOPPING or task in self._failed or not _failed(task):
                continue
            self._failed.add(task)
            self._tell(task)
            self._failures = 1 if task.settled else self._failures + 1
            self._not_before = time.monotonic() + backoff(self._failures)
            if of_primary and not task.settled:
                primary["failedTasks"] += 1

    def bury(self, task: Task) -> None:
        """Forget a stopped task, but keep the last failure."""
        if _failed(task):
            self.last_failure = TaskFailure.of(task)
        self._failed.discard(task)
        self._healthy.discard(task)

    def _tell(self, task: Task) -> None:
        """Print that a task died, with its last line, in the window of `ops local up`."""
        failure = TaskFailure.of(task)
        what = ", ".join(failure.exits) or failure.reason
        last = f": {failure.lines[-1].strip()}" if failure.lines else ""
        self._report(f"{task.plan.service}: task {task.record.id[:8]} died, {what}{last}")


def _failed(task: Task) -> bool:
    """Return whether a stopping task stops unexpectedly."""
    if task.record.stop_code == "ServiceSchedulerInitiated":
        return (task.record.stopped_reason or "").startswith("Task failed")
    return task.record.stop_code not in {"UserInitiated", SPOT_CODE}
