"""Steps that run one after the other, each until it is complete."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ops.base import clock
from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace
from ops.copilot.workload import TaskRange
from ops.kinds.schedules.manual.steps import Count, Step

_LOOK_AGAIN = 5  # seconds


class Tasks(Protocol):
    """The calls on task counts that a step needs."""

    def count(self, service: ServicePlace) -> Count:
        """Return the desired and running counts of a service."""

    def set(self, service: ServicePlace, tasks: TaskRange) -> None:
        """Set the minimum and maximum number of tasks."""


@dataclass(frozen=True)
class Done:
    """A completed step, and the number of tasks that ran after it."""

    step: Step
    running: int


def run(
    tasks: Tasks, steps: Sequence[Step], patience: int | None, tell: Callable[[Done], None]
) -> list[Done]:
    """Carry the steps out, and pass each to `tell` when it is done.

    `patience` is how many seconds to wait for a step; None means not to wait. Raise OpsError if a
    step takes longer; the steps after it are not tried.
    """
    done = []
    for step in steps:
        tasks.set(step.service, step.tasks)
        running = tasks.count(step.service).running
        if patience is not None:
            running = _wait(tasks, step, running, patience)
        done.append(Done(step, running))
        tell(done[-1])
    return done


def _wait(tasks: Tasks, step: Step, running: int, patience: int) -> int:
    waited = 0
    while not step.is_done(running):
        if waited >= patience:
            raise OpsError(
                f"`{step.name}` has {running} running tasks after {patience // 60} minutes, "
                "so the services after it were not changed",
                f"`copilot svc status -n {step.name}` shows why. Then run the same command again.",
            )
        clock.sleep(_LOOK_AGAIN)
        waited += _LOOK_AGAIN
        running = tasks.count(step.service).running
    return running
