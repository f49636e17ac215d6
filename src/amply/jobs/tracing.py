"""Carry request_id and task_id into every line that is logged about a task."""

import logging
from contextlib import ExitStack

from celery import Task  # type: ignore[import-untyped]
from celery.signals import task_postrun, task_prerun, task_received  # type: ignore[import-untyped]
from celery.worker.request import Request  # type: ignore[import-untyped]

from amply.base.logs import bound

logger = logging.getLogger("amply.jobs")

_running: dict[str, ExitStack] = {}


def install() -> None:
    """Connect to the signals of tasks. A second call changes nothing."""
    task_received.connect(_on_received, weak=False, dispatch_uid="amply-tracing")
    task_prerun.connect(_on_start, weak=False, dispatch_uid="amply-tracing")
    task_postrun.connect(_on_end, weak=False, dispatch_uid="amply-tracing")
    # Celery's own line for this knows no request_id, and comes before any signal.
    logging.getLogger("celery.worker.strategy").setLevel(logging.WARNING)


def _on_received(request: Request, **_: object) -> None:
    with bound(request_id=request.request_dict.get("request_id"), task_id=request.id):
        logger.info("Task received", extra={"task": request.name})


def _on_start(task_id: str, task: Task, **_: object) -> None:
    headers = task.request.headers or {}
    scope = _running[task_id] = ExitStack()
    scope.enter_context(bound(request_id=headers.get("request_id"), task_id=task_id))


def _on_end(task_id: str, **_: object) -> None:
    if scope := _running.pop(task_id, None):
        scope.close()
