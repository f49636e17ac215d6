"""How long tasks take and how often they fail, by name, as metrics."""

import time

from celery import Task  # type: ignore[import-untyped]
from celery.signals import task_failure, task_postrun, task_prerun  # type: ignore[import-untyped]

from amply import metrics

_started: dict[str, float] = {}


def install() -> None:
    """Listen to what happens to tasks. Doing so again changes nothing."""
    task_prerun.connect(_on_start, weak=False, dispatch_uid="amply-measuring")
    task_postrun.connect(_on_end, weak=False, dispatch_uid="amply-measuring")
    task_failure.connect(_on_failure, weak=False, dispatch_uid="amply-measuring")


def _on_start(task_id: str, **_: object) -> None:
    _started[task_id] = time.perf_counter()


def _on_end(task_id: str, task: Task, **_: object) -> None:
    started = _started.pop(task_id, None)
    if started is not None:
        metrics.duration("TaskDuration", time.perf_counter() - started, Task=task.name)


def _on_failure(sender: Task, **_: object) -> None:
    """A task raised, or ran into its hard time limit."""
    metrics.count("TaskFailures", Task=sender.name)
