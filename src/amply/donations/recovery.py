"""Donations that stopped moving: their message was lost, or everyone who took it up died.

The queue gives up on a message after five deliveries and puts it aside. What became of its
donation is then settled here, by what the provider says: a charge that did go through is never
called failed, and a donation that can't be processed says so.
"""

import logging
from datetime import timedelta

from sqlalchemy import Select, exists, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from amply.database import now
from amply.donations import repository
from amply.donations.models import Donation, Status
from amply.donations.tasks import note_failure, note_success
from amply.jobs.names import CHARGE_DONATION, REFUND_DONATION
from amply.leases import Attempt, is_free
from amply.outbox.models import OutboxMessage
from amply.payments.gateway import PaymentGateway

logger = logging.getLogger(__name__)

ABANDONED = "processing_abandoned"
"""The failure code of a donation that no attempt survived, and that charged no one."""

MOST_ATTEMPTS = 5  # as many as the queue delivers a message: its redrive policy's maxReceiveCount
_AT_ONCE = 100


def recover_donations(
    sessions: sessionmaker[Session],
    gateway: PaymentGateway,
    stuck_after: timedelta,
    attempt: Attempt,
) -> None:
    """Send the stuck ones again; settle those that were tried too often.

    Raises PaymentUnavailable when the provider does not answer: what was asked about is looked at
    again once it was stuck for as long again, the others at the next tick.
    """
    with sessions.begin() as session:
        stuck = list(session.scalars(_stuck(stuck_after)))
        for donation in stuck:
            if not _is_worn_out(donation):
                _send_again(session, donation)
    for donation in filter(_is_worn_out, stuck):
        _settle(sessions, gateway, donation.id, attempt)
    if stuck:
        logger.warning("Donations recovered that were stuck", extra={"count": len(stuck)})


def _settle(
    sessions: sessionmaker[Session], gateway: PaymentGateway, donation_id: str, attempt: Attempt
) -> None:
    """Ask the provider, in an attempt like any other: meanwhile no one may begin to charge."""
    with sessions.begin() as session:
        if repository.claim(session, donation_id, attempt) is None:
            return
    payment_id = gateway.find(donation_id)
    if payment_id is None:
        note_failure(sessions, donation_id, ABANDONED)
    else:
        note_success(sessions, donation_id, payment_id)


def _stuck(stuck_after: timedelta) -> Select[Donation]:
    """The oldest donations that should move, do not, and have no message that is still to be sent.

    Two ticks share them on PostgreSQL (SKIP LOCKED); on SQLite a transaction that reads before it
    writes may have to be repeated, by the next tick.
    """
    to_be_sent = exists().where(
        OutboxMessage.arguments["donation_id"].as_string() == Donation.id,
    )
    return (
        select(Donation)
        .where(
            or_(repository.NEEDS_CHARGE, repository.NEEDS_REFUND),
            Donation.updated_at < now() - stuck_after,
            is_free(Donation.claimed_until),
            ~to_be_sent,
        )
        .order_by(Donation.updated_at)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )


def _is_worn_out(donation: Donation) -> bool:
    return donation.status == Status.PROCESSING and donation.attempts >= MOST_ATTEMPTS


def _send_again(session: Session, donation: Donation) -> None:
    task = REFUND_DONATION if donation.status == Status.SUCCEEDED else CHARGE_DONATION
    session.add(repository.message_about(donation.id, task))
    touched = update(Donation).where(Donation.id == donation.id)
    session.execute(touched.values(updated_at=now()))  # not again until it is stuck again
