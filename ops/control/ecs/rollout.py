"""The steps of a rolling update. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ops.control.ecs.phase import Phase
from ops.control.ecs.providers import Share, surplus_provider


@dataclass(frozen=True)
class TaskView:
    """The facts about a task that the scheduler needs."""

    id: str
    deployment: str
    phase: Phase
    provider: str | None = None


@dataclass(frozen=True)
class Limits:
    """The limits of `deploymentConfiguration`, in percent of the desired count."""

    minimum_healthy_percent: int = 100
    maximum_percent: int = 200

    def lowest(self, desired: int) -> int:
        """Return the minimum number of healthy tasks, rounded up."""
        return math.ceil(desired * self.minimum_healthy_percent / 100)

    def highest(self, desired: int) -> int:
        """Return the maximum number of tasks, rounded down."""
        return math.floor(desired * self.maximum_percent / 100)


@dataclass(frozen=True)
class Decision:
    """The number of tasks of the primary deployment to start, and the tasks to stop."""

    start: int = 0
    stop: tuple[str, ...] = ()


def decide(
    desired: int,
    primary: str,
    tasks: Sequence[TaskView],
    limits: Limits,
    strategy: Sequence[Share] = (),
) -> Decision:
    """Return the next step towards `desired` healthy tasks of the primary deployment.

    A stopping task still counts against the maximum, because its processes may still run: so 0/100
    (Copilot's `rolling: recreate`) never runs an old and a new task at the same time.
    """
    new = [t for t in tasks if t.deployment == primary and t.phase is not Phase.STOPPING]
    old = [t for t in tasks if t.deployment != primary and t.phase is not Phase.STOPPING]
    room = max(0, limits.highest(desired) - len(tasks))
    missing = max(0, desired - len(new))
    start = min(missing, room)
    stop_new = _surplus(new, desired, strategy)
    healthy_new = sum(t.phase is Phase.HEALTHY for t in new if t.id not in stop_new)
    stop_old = _old_to_stop(old, desired, limits.lowest(desired), healthy_new, missing - start)
    return Decision(start, (*stop_new, *stop_old))


def _surplus(new: Sequence[TaskView], desired: int, strategy: Sequence[Share]) -> list[str]:
    """Choose the tasks beyond the desired count: first those that are not healthy, then those that
    leave the providers in the proportion of the strategy.
    """
    left = sorted(new, key=lambda task: task.phase)
    chosen: list[str] = []
    while len(left) > desired:
        provider = surplus_provider(strategy, [task.provider or "" for task in left])
        worst = left[0].phase
        candidates = [task for task in left if task.phase is worst]
        of_provider = (task for task in candidates if task.provider == provider)
        task = next(of_provider, candidates[0])
        left.remove(task)
        chosen.append(task.id)
    return chosen


def _old_to_stop(
    old: Sequence[TaskView], desired: int, lowest: int, healthy_new: int, waiting: int
) -> list[str]:
    """Choose old tasks: those already replaced, and those that prevent new ones.

    :param waiting: how many new tasks cannot start because the maximum is reached
    """
    starting = [t.id for t in old if t.phase is Phase.STARTING]
    healthy = [t.id for t in old if t.phase is Phase.HEALTHY]
    replaced = max(0, healthy_new + len(healthy) - desired)
    spare = max(0, healthy_new + len(healthy) - lowest)
    in_the_way = max(0, waiting - len(starting))
    return starting + healthy[: min(spare, max(replaced, in_the_way))]


def backoff(failures: int) -> float:
    """Return the seconds to wait before the next start after so many consecutive failures.

    ECS does not document its delays; these are ours.
    """
    return 0.0 if failures < 2 else float(min(30, 2 ** (failures - 2)))
