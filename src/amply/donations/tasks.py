"""Charge a donation and refund one. Either may be run any number of times, and is done once."""

import logging
from datetime import timedelta

from sqlalchemy.orm import Session, sessionmaker

from amply.database.base import now
from amply.database.leases import Attempt
from amply.donations import repository
from amply.donations.models import Donation, Status
from amply.donations.repository import EndedWithout
from amply.errors import PaymentDeclined
from amply.outbox.models import OutboxMessage
from amply.payments.gateway import Charge, PaymentGateway, Refund

logger = logging.getLogger(__name__)

# Stripe forgets an idempotency key 24 hours after its first use, at the earliest. The first use
# is later than the donation, so that an hour is margin for clocks that differ.
# https://docs.stripe.com/api/idempotent_requests
_KEY_IS_REMEMBERED = timedelta(hours=23)


def charge_donation(
    sessions: sessionmaker[Session], gateway: PaymentGateway, donation_id: str, attempt: Attempt
) -> OutboxMessage | None:
    """Charge the donor, with no transaction open while the provider answers.

    Return the message about the receipt that is now due, if any. Raise PaymentUnavailable if the
    provider gives no answer, and StillClaimed if another attempt holds the donation: the queue
    delivers the task again.
    """
    with repository.charging(donation_id).claimed(sessions, attempt) as donation:
        if donation is None:
            return None
        try:
            payment_id = _charge_or_find(gateway, donation)
        except PaymentDeclined as declined:
            _note_failure(sessions, donation_id, declined.code)
            return None
        return note_success(sessions, donation_id, payment_id)


def refund_donation(
    sessions: sessionmaker[Session], gateway: PaymentGateway, donation_id: str, attempt: Attempt
) -> None:
    """Refund a donation for which staff requested it. Raise as `charge_donation` does."""
    with repository.refunding(donation_id).claimed(sessions, attempt) as donation:
        if donation is None:
            return
        refund = _refund_of(donation)
        try:
            refund_id = gateway.refund(refund)
        except PaymentDeclined as refused:
            with sessions.begin() as session:
                repository.refuse_refund(session, donation_id, refused.code)
            report_refusal(donation_id, refused.code)
            return
        with sessions.begin() as session:
            is_news = repository.refund(session, donation_id, refund.payment_id, refund_id)
    if is_news:
        logger.info("Donation refunded", extra={"donation_id": donation_id})


def note_success(
    sessions: sessionmaker[Session], donation_id: str, payment_id: str
) -> OutboxMessage | None:
    """Settle a donation as succeeded, and say so unless someone else was first."""
    with sessions.begin() as session:
        receipt = repository.succeed(session, donation_id, payment_id)
        ended = None if receipt else repository.ended_without(session, donation_id, payment_id)
    if receipt:
        report_success(donation_id)
    elif ended:
        report_stray(donation_id, payment_id, ended)
    return receipt


def report_success(donation_id: str) -> None:
    """Say that a donation has succeeded."""
    logger.info("Donation succeeded", extra={"donation_id": donation_id})


def report_stray(donation_id: str, payment_id: str, ended: EndedWithout) -> None:
    """Say that a donor was charged for what did not need it: only people can put this right."""
    said = {"donation_id": donation_id, "payment_id": payment_id}
    if ended.status == Status.FAILED:  # the donor was told that the bank declined
        logger.error("Charge found for a failed donation", extra=said)
    else:
        told = {**said, "noted_payment_id": ended.payment_id}
        logger.error("Second charge found for a donation", extra=told)


def report_failure(donation_id: str, failure_code: str) -> None:
    """Say that a donation has failed."""
    said = {"donation_id": donation_id, "failure_code": failure_code}
    logger.info("Donation failed", extra=said)


def report_refusal(donation_id: str, failure_code: str) -> None:
    """Say that a refund which staff asked for did not happen."""
    said = {"donation_id": donation_id, "failure_code": failure_code}
    logger.warning("Refund refused", extra=said)


def _note_failure(sessions: sessionmaker[Session], donation_id: str, failure_code: str) -> None:
    with sessions.begin() as session:
        is_news = repository.fail(session, donation_id, failure_code)
    if is_news:
        report_failure(donation_id, failure_code)


def _refund_of(donation: Donation) -> Refund:
    assert donation.refund_requested_at is not None  # noqa: S101 - it is claimed for nothing else
    return Refund(
        donation_id=donation.id,
        payment_id=donation.payment_id or "",
        requested_at=donation.refund_requested_at,
    )


def _charge_or_find(gateway: PaymentGateway, donation: Donation) -> str:
    """Charge, but look for a payment first if the idempotency key may be forgotten.

    The number of attempts says nothing: a database that is restored to an earlier moment shows
    none for a donation that was charged since.
    """
    if donation.created_at < now() - _KEY_IS_REMEMBERED:
        found = gateway.find(donation.id)
        if found is not None:
            return found
    return gateway.charge(
        Charge(
            donation_id=donation.id,
            amount=donation.amount,
            currency=donation.currency,
            payment_method=donation.payment_method,
        )
    )
