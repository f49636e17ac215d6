"""A running task, for other modules: its service, its size and its processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops.local.fargate.tasks.task import Task


@dataclass(frozen=True)
class RunningTask:
    """A task in RUNNING. `sessions` are the process sessions of its containers."""

    cluster: str
    service: str
    id: str
    cpu: float
    """Units; 1024 are one processor."""
    memory: float
    """MiB."""
    sessions: frozenset[int]
    family: str = ""
    """Of its task definition."""

    @classmethod
    def of(cls, task: Task) -> RunningTask | None:
        """Return a task if it is running."""
        if task.record.last_status != "RUNNING":
            return None
        processes = (container.process for container in list(task.containers))
        return cls(
            task.plan.cluster.rpartition("/")[2],
            task.plan.service,
            task.record.id,
            float(task.plan.cpu or 0),
            float(task.plan.memory or 0),
            frozenset(process.pid for process in processes if process is not None),
            task.plan.task_definition.rpartition("/")[2].partition(":")[0],
        )
