"""Compare the provider's lists with our tables, page by page; an interrupted run can be
continued.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from amply.base.logs import bound_identifier
from amply.base.task_names import RECONCILE
from amply.database.base import now
from amply.outbox.models import OutboxMessage
from amply.payments.records import ChargeRecord, PaymentRecords, Resource
from amply.reconciliation.booking import book
from amply.reconciliation.differences import count_open
from amply.reconciliation.models import Reconciliation

logger = logging.getLogger(__name__)

_ORDER = list(Resource)

LOOKBACK = timedelta(days=7)  # pragma: no mutate - a choice, of more than three
"""How far a nightly run looks back: Stripe tries a webhook for three days."""


def reconcile(
    sessions: sessionmaker[Session],
    records: PaymentRecords,
    since: datetime,
    seconds: float = float("inf"),
    clock: Callable[[], float] = time.monotonic,
) -> Reconciliation:
    """Compare the records created since then, or continue an unfinished run.

    Return the run; it has no `ended_at` if the seconds were not enough. Raise PaymentUnavailable
    if Stripe does not answer: the next call continues.
    """
    stop_at = clock() + seconds
    run = _open_run(sessions, since)
    while run.ended_at is None and clock() < stop_at:
        resource = Resource(run.resource)
        page = records.page(resource, run.since, run.after)
        with sessions.begin() as session:
            run = session.get_one(Reconciliation, run.id)
            run.repairs += sum(book(record, session) for record in page.records)
            run.objects += len(page.records)
            _advance(run, resource, page.next)
    if run.ended_at is not None:
        _report(sessions, run)
    return run


def reconcile_nightly(
    sessions: sessionmaker[Session], records: PaymentRecords, seconds: float
) -> None:
    """Reconcile for some seconds, and write a message to continue if there is more."""
    run = reconcile(sessions, records, now() - LOOKBACK, seconds)
    if run.ended_at is None:
        request_id = bound_identifier("request_id")
        with sessions.begin() as session:
            session.add(OutboxMessage(task=RECONCILE, arguments={}, request_id=request_id))


def book_object(
    sessions: sessionmaker[Session], records: PaymentRecords, resource: Resource, object_id: str
) -> None:
    """Apply one object that an event named, in its current state at Stripe; a charge with its
    refunds.
    """
    record = records.retrieve(resource, object_id)
    if record is None:
        return
    refunds = records.refunds_of(record.payment_id) if isinstance(record, ChargeRecord) else ()
    with sessions.begin() as session:
        for one in (record, *refunds):
            book(one, session)


def _open_run(sessions: sessionmaker[Session], since: datetime) -> Reconciliation:
    unfinished = (
        select(Reconciliation)
        .where(Reconciliation.ended_at.is_(None), Reconciliation.since <= since)
        .order_by(Reconciliation.started_at)
        .limit(1)
    )
    with sessions.begin() as session:
        run = session.scalar(unfinished)
        if run is None:
            run = Reconciliation(since=since, resource=_ORDER[0])
            session.add(run)
            session.flush()
    return run


def _advance(run: Reconciliation, resource: Resource, after: str | None) -> None:
    run.after = after
    if after is not None:
        return
    following = _ORDER[_ORDER.index(resource) + 1 :]
    if following:
        run.resource = following[0]
    else:
        run.ended_at = now()


def _report(sessions: sessionmaker[Session], run: Reconciliation) -> None:
    with sessions() as session:
        open_count = count_open(session)
    fields = {"objects": run.objects, "repairs": run.repairs, "differences": open_count}
    logger.info("Reconciliation ended", extra=fields)
