"""Differences, recorded once and reported while they are open."""

import logging

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from amply.database.base import now
from amply.payments.records import ChargeRecord, RefundRecord
from amply.reconciliation.models import Difference

logger = logging.getLogger(__name__)


def note(
    session: Session, kind: str, record: ChargeRecord | RefundRecord, donation_id: str | None
) -> None:
    """Record a difference about a payment, and log it as an error the first time."""
    if session.get(Difference, (kind, record.payment_id)) is not None:
        return
    fields = {"donation_id": donation_id, "amount": record.amount, "currency": record.currency}
    session.add(Difference(kind=kind, source=record.payment_id, **fields))
    session.flush()
    extra = {"kind": kind, "payment_id": record.payment_id, **fields}
    logger.error("Stripe's records differ from ours", extra=extra)


def resolve(session: Session, payment_id: str) -> None:
    """Close the differences about a payment, because it was refunded."""
    of_it = (Difference.source == payment_id, Difference.resolved_at.is_(None))
    session.execute(update(Difference).where(*of_it).values(resolved_at=now()))


def withdraw(session: Session, kind: str, payment_id: str) -> None:
    """Forget a difference that came from the order of the news alone."""
    session.execute(
        delete(Difference).where(Difference.kind == kind, Difference.source == payment_id)
    )


def open_differences(session: Session) -> list[Difference]:
    """Return the differences that nobody has resolved, oldest first."""
    is_open = Difference.resolved_at.is_(None)
    return list(session.scalars(select(Difference).where(is_open).order_by(Difference.found_at)))


def count_open(session: Session) -> int:
    """Return the number of differences that nobody has resolved."""
    is_open = Difference.resolved_at.is_(None)
    return session.scalar(select(func.count()).select_from(Difference).where(is_open)) or 0
