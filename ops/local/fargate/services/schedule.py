"""The decisions of the ECS service scheduler: pure functions of its input.

The rules are those of ECS's rolling update:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.local.fargate.tasks.phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class TaskView:
    """The data of a task that the scheduler needs."""

    id: str
    deployment: str
    phase: Phase


@dataclass(frozen=True)
class Limits:
    """`deploymentConfiguration`, in percent of the desired count."""

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


def decide(desired: int, primary: str, tasks: Sequence[TaskView], limits: Limits) -> Decision:
    """Return the next step towards `desired` healthy tasks of the primary deployment.

    A stopping task still counts against the maximum, because its processes may still run: so 0/100
    (Copilot's `rolling: recreate`) never runs an old and a new task at the same time.
    """
    new = [t for t in tasks if t.deployment == primary and t.phase is not Phase.STOPPING]
    old = [t for t in tasks if t.deployment != primary and t.phase is not Phase.STOPPING]
    room = max(0, limits.highest(desired) - len(tasks))
    missing = max(0, desired - len(new))
    start = min(missing, room)
    surplus = sorted(new, key=lambda t: t.phase)[: max(0, len(new) - desired)]
    stop_new = [t.id for t in surplus]
    healthy_new = sum(t.phase is Phase.HEALTHY for t in new if t.id not in stop_new)
    stop_old = _old_to_stop(old, desired, limits.lowest(desired), healthy_new, missing - start)
    return Decision(start, (*stop_new, *stop_old))


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


def breaker_threshold(desired: int) -> int:
    """Return the number of consecutive failed tasks after which a deployment fails."""
    return max(3, min(200, math.ceil(desired * 0.5)))


def backoff(failures: int) -> float:
    """Return the seconds to wait before the next start after so many consecutive failures.

    ECS does not document its delays; these are ours.
    """
    return 0.0 if failures < 2 else float(min(30, 2 ** (failures - 2)))


@dataclass(frozen=True)
class Share:
    """One item of a `capacityProviderStrategy`."""

    provider: str
    base: int = 0
    weight: int = 0


def next_provider(strategy: Sequence[Share], running: Iterable[str]) -> str | None:
    """Return the capacity provider of the next task; None without a strategy.

    First the base is filled, then the rest is shared by weight.

    :param running: the provider of each task that counts
    """
    if not strategy:
        return None
    counts = Counter(running)
    for share in strategy:
        if counts[share.provider] < share.base:
            return share.provider
    weighted = [share for share in strategy if share.weight > 0] or list(strategy)
    return min(
        weighted, key=lambda s: (counts[s.provider] - s.base + 1) / max(s.weight, 1)
    ).provider
