"""Donations that stopped moving: their message was lost or became a dead letter, or all attempts
died.

After five deliveries a message becomes a dead letter. Its donation is sent again here, as long as
its attempts ended in order: Stripe may have been away. If attempts die, or none succeeds for a day,
the provider's state settles the donation: a charge that succeeded is never called failed.
"""

import logging
from datetime import timedelta

from sqlalchemy import Select, exists, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from amply.base.task_names import CHARGE_DONATION, REFUND_DONATION, SEND_PAYMENT_LINK
from amply.database.base import now
from amply.database.leases import Attempt
from amply.donations import refunds, repository
from amply.donations.models import ABANDONED, Donation, Status
from amply.donations.tasks import note_success, report_failure, report_refusal
from amply.outbox.models import OutboxMessage
from amply.payments.gateway import PaymentGateway
from amply.payments.pages import DonorPages, PageState

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 5  # as many as the queue delivers a message: its redrive policy's maxReceiveCount
_WORTH_TRYING = timedelta(days=1)
_AT_ONCE = 100
_TASKS = {Status.SUCCEEDED: REFUND_DONATION, Status.AWAITING: SEND_PAYMENT_LINK}


def recover_donations(
    sessions: sessionmaker[Session],
    gateway: PaymentGateway,
    pages: DonorPages,
    stuck_after: timedelta,
    attempt: Attempt,
) -> None:
    """Send stuck donations again, and settle those that have used up their attempts.

    Raise PaymentUnavailable if the provider does not answer; the rest follows at the next tick.
    """
    recovered, batch_size = 0, _AT_ONCE
    while batch_size == _AT_ONCE:  # what was looked at has moved by that, and is not found again
        with sessions.begin() as session:
            stuck = list(session.scalars(_stuck(stuck_after)))
            for donation in stuck:
                if not _is_worn_out(donation):
                    _send_again(session, donation)
        for donation in filter(_is_worn_out, stuck):
            if donation.status == Status.SUCCEEDED:
                _give_refund_up(sessions, donation.id, stuck_after)
            else:
                _settle(sessions, gateway, pages, donation, attempt, stuck_after)
        batch_size = len(stuck)
        recovered += batch_size
    if recovered:
        logger.warning("Donations recovered that were stuck", extra={"count": recovered})


def _settle(
    sessions: sessionmaker[Session],
    gateway: PaymentGateway,
    pages: DonorPages,
    worn_out: Donation,
    attempt: Attempt,
    stuck_after: timedelta,
) -> None:
    """Cancel a payment, so that it is never charged; the donation has succeeded if it was
    charged.

    This is an attempt like any other: nobody else charges meanwhile.
    """
    is_awaited = worn_out.status == Status.AWAITING
    job = (repository.linking if is_awaited else repository.charging)(worn_out.id)
    with sessions.begin() as session:
        donation = job.claim(session, attempt, repository.is_unmoved(stuck_after))
    if donation is None:
        return
    payment_id = _charged(gateway, pages, donation)
    if payment_id is not None:
        note_success(sessions, donation.id, payment_id)
        return
    with sessions.begin() as session:
        is_news = repository.give_up(session, donation.id, attempt, ABANDONED)
    if is_news:
        report_failure(donation.id, ABANDONED)


def _charged(gateway: PaymentGateway, pages: DonorPages, donation: Donation) -> str | None:
    """Return the charged payment; otherwise cancel all payments and return None."""
    if donation.page_id is not None:
        page = pages.close(donation.page_id)
        return page.payment_id if page.state is PageState.PAID else None
    payment_id = donation.payment_id or gateway.find(donation.id)
    if payment_id is None or gateway.cancel(payment_id):
        return None
    return payment_id


def _give_refund_up(
    sessions: sessionmaker[Session], donation_id: str, stuck_after: timedelta
) -> None:
    """Give up a refund without asking the provider: if it was made, Stripe sends an event.

    A new request is answered by Stripe that the donor has the money.
    """
    with sessions.begin() as session:
        is_news = refunds.abandon_refund(session, donation_id, stuck_after)
    if is_news:
        report_refusal(donation_id, ABANDONED)


def _stuck(stuck_after: timedelta) -> Select[Donation]:
    """Select the oldest donations that should move, do not, and have no message to be sent.

    Two ticks share them on PostgreSQL (SKIP LOCKED); on SQLite a transaction that reads before it
    writes may have to be repeated, by the next tick.
    """
    to_be_sent = exists().where(
        OutboxMessage.arguments["donation_id"].as_string() == Donation.id,
    )
    return (
        select(Donation)
        .where(
            or_(repository.NEEDS_CHARGE, repository.NEEDS_LINK, refunds.NEEDS_REFUND),
            repository.is_unmoved(stuck_after),
            ~to_be_sent,
        )
        .order_by(Donation.updated_at)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )


def _is_worn_out(donation: Donation) -> bool:
    """Return True if attempts died, or many were made for a day.

    An attempt that Stripe did not answer released the donation, and did not die.
    """
    last_one_died = donation.claimed_by is not None
    begun = donation.refund_requested_at or donation.created_at
    is_old = begun < now() - _WORTH_TRYING
    return donation.deaths + last_one_died >= MOST_ATTEMPTS or (
        donation.attempts >= MOST_ATTEMPTS and is_old
    )


def _send_again(session: Session, donation: Donation) -> None:
    task = _TASKS.get(Status(donation.status), CHARGE_DONATION)
    session.add(repository.message_about(donation.id, task))
    touched = update(Donation).where(Donation.id == donation.id)
    session.execute(touched.values(updated_at=now()))  # not again until it is stuck again
