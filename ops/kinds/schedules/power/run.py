"""One step after the other, each waited for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ops.base import clock
from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace
from ops.copilot.workload import TaskRange
from ops.kinds.schedules.power.steps import Count, Step

_LOOK_AGAIN = 5  # seconds


class Tasks(Protocol):
    """What it takes to carry a step out."""

    def count(self, service: ServicePlace) -> Count:
        """How many tasks a service wants and has."""

    def set(self, service: ServicePlace, tasks: TaskRange) -> None:
        """Say between how many tasks it shall have."""


@dataclass(frozen=True)
class Done:
    """A step that was carried out, and how many tasks ran after it."""

    step: Step
    running: int


def run(
    tasks: Tasks, steps: Sequence[Step], patience: int | None, tell: Callable[[Done], None]
) -> list[Done]:
    """Carry the steps out, and `tell` each as it is done.

    `patience` is how many seconds to wait for a step; None waits for none. Raises OpsError when
    that is not enough; the steps after it are not tried.
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
                "so the services after it were not touched",
                f"`copilot svc status -n {step.name}` shows why. Then run the same command again.",
            )
        clock.sleep(_LOOK_AGAIN)
        waited += _LOOK_AGAIN
        running = tasks.count(step.service).running
    return running
