"""Metrics of tasks: how long they take, which fail, and how long messages and receipts wait."""

import time
from datetime import datetime

from celery import Task  # type: ignore[import-untyped]
from celery.signals import task_failure, task_postrun, task_prerun  # type: ignore[import-untyped]
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from amply.base import metrics
from amply.base.errors import StillClaimed
from amply.database.base import now
from amply.donations.models import Donation
from amply.donations.receipt import Receipt
from amply.donations.repository import NEEDS_CHARGE
from amply.outbox.models import OutboxMessage
from amply.receipts.tasks import IS_DUE

_started: dict[str, float] = {}


def install() -> None:
    """Connect to the signals of tasks. A second call changes nothing."""
    task_prerun.connect(_on_start, weak=False, dispatch_uid="amply-measuring")
    task_postrun.connect(_on_end, weak=False, dispatch_uid="amply-measuring")
    task_failure.connect(_on_failure, weak=False, dispatch_uid="amply-measuring")


def report_outbox_age(sessions: sessionmaker[Session]) -> None:
    """Report how long the oldest message has been waiting to be sent; 0 if none is."""
    with sessions() as session:
        oldest = session.scalar(select(func.min(OutboxMessage.created_at)))
    _report_age("OutboxAge", oldest)


def report_receipt_age(sessions: sessionmaker[Session]) -> None:
    """Report how long the oldest receipt has been waiting to be sent; 0 if none is."""
    due = select(func.min(Receipt.created_at)).where(IS_DUE)
    with sessions() as session:
        oldest = session.scalar(due)
    _report_age("UnsentReceiptAge", oldest)


def report_charge_age(sessions: sessionmaker[Session]) -> None:
    """Report how long the oldest donation has been waiting to be charged; 0 if none is."""
    waiting = select(func.min(Donation.created_at)).where(NEEDS_CHARGE)
    with sessions() as session:
        oldest = session.scalar(waiting)
    _report_age("ChargeAge", oldest)


def _report_age(name: str, oldest: datetime | None) -> None:
    age = (now() - oldest).total_seconds() if oldest else 0.0
    metrics.gauge(name, max(age, 0.0), "Seconds")


def _on_start(task_id: str, **_: object) -> None:
    _started[task_id] = time.perf_counter()


def _on_end(task_id: str, task: Task, **_: object) -> None:
    started = _started.pop(task_id, None)
    if started is not None:
        metrics.duration("TaskDuration", time.perf_counter() - started, Task=task.name)


def _on_failure(sender: Task, exception: BaseException, **_: object) -> None:
    """Count a task that raised or met its hard time limit. A claim held by another attempt is no
    failure.
    """
    if isinstance(exception, StillClaimed):
        return
    metrics.count("TaskFailures", Task=sender.name)
