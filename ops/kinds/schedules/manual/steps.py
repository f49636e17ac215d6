"""The steps in which an environment stops or starts, and the conditions. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ops.base.errors import OpsError
from ops.base.words import number
from ops.copilot.place import ServicePlace
from ops.copilot.workload import TaskRange
from ops.kinds.schedules.desired import tasks_of
from ops.plan.model import Json


@dataclass(frozen=True)
class Step:
    """A service, and its new minimum and maximum number of tasks."""

    service: ServicePlace
    tasks: TaskRange

    @property
    def name(self) -> str:
        return self.service.service

    def is_done(self, running: int) -> bool:
        """Return whether this number of running tasks completes the step."""
        return running == 0 if self.tasks.most == 0 else running >= self.tasks.least


@dataclass(frozen=True)
class Count:
    """The desired and running task counts of a service."""

    desired: int
    running: int


def steps_down(services: Sequence[ServicePlace]) -> list[Step]:
    """Return the steps that stop the services in order."""
    return [Step(service, TaskRange(0, 0)) for service in services]


def steps_up(services: Sequence[ServicePlace]) -> list[Step]:
    """Return the steps that start the services in reverse order, with the manifests' counts."""
    return [Step(service, tasks_of(service)) for service in reversed(services)]


def check_messages(messages: Mapping[str, int], allowed: int) -> None:
    """Raise OpsError if a service has more messages left than may wait until it is back."""
    deep = {service: count for service, count in messages.items() if count > allowed}
    if not deep:
        return
    remaining = ", ".join(
        f"`{service}` has {number(count, 'message')} left" for service, count in deep.items()
    )
    raise OpsError(
        f"Nothing was changed: {remaining}",
        "Wait until its queue is empty, or leave them in the queue: --even-with-messages "
        f"{max(deep.values())}.",
    )


def tasks_as_text(least: int | None, most: int | None) -> str:
    """Format the minimum and maximum number of tasks."""
    if most == 0:
        return "no tasks"
    if least == most:
        return "1 task" if most == 1 else f"{most} tasks"
    return f"{least} to {most} tasks"


def state_of(when: str, least: int | None, most: int | None) -> dict[str, Json]:
    """Return how a live target or action is shown."""
    return {"when": when, "what": tasks_as_text(least, most)}
