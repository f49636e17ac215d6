"""Charge a donation and refund one. Either may be run any number of times, and is done once."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, sessionmaker

from amply.database import now
from amply.donations import repository
from amply.donations.models import Donation, Status
from amply.donations.repository import EndedWithout
from amply.errors import PaymentDeclined, StillClaimed
from amply.leases import Attempt
from amply.outbox.models import OutboxMessage
from amply.payments.gateway import Charge, PaymentGateway, Refund

logger = logging.getLogger(__name__)

# Stripe forgets an idempotency key 24 hours after its first use, at the earliest.
# https://docs.stripe.com/api/idempotent_requests
_KEY_IS_REMEMBERED = timedelta(hours=23)


def charge_donation(
    sessions: sessionmaker[Session], gateway: PaymentGateway, donation_id: str, attempt: Attempt
) -> OutboxMessage | None:
    """Charge the donor, with no transaction open while the provider is asked.

    Gives the message about the receipt that is now owed, if one is. Raises PaymentUnavailable when
    the provider gave no answer and StillClaimed when another attempt is at it: the queue delivers
    the task again.
    """
    with sessions.begin() as session:
        donation = repository.claim(session, donation_id, attempt)
    if donation is None:
        _let_others_finish(sessions, donation_id, repository.NEEDS_CHARGE)
        return None
    with _given_back_on_error(sessions, donation_id, attempt):
        try:
            payment_id = _charge_or_find(gateway, donation)
        except PaymentDeclined as declined:
            _note_failure(sessions, donation_id, declined.code)
            return None
        return note_success(sessions, donation_id, payment_id)


def refund_donation(
    sessions: sessionmaker[Session], gateway: PaymentGateway, donation_id: str, attempt: Attempt
) -> None:
    """Give a donor the money back, where that was asked for. Raises as `charge_donation` does."""
    with sessions.begin() as session:
        donation = repository.claim_refund(session, donation_id, attempt)
    if donation is None:
        _let_others_finish(sessions, donation_id, repository.NEEDS_REFUND)
        return
    refund = _refund_of(donation)
    with _given_back_on_error(sessions, donation_id, attempt):
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
    """Charge; but look first where an earlier attempt is older than its idempotency key."""
    is_repeated = donation.attempts > 1
    if is_repeated and donation.created_at < now() - _KEY_IS_REMEMBERED:
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


def _let_others_finish(
    sessions: sessionmaker[Session], donation_id: str, is_unfinished: ColumnElement[bool]
) -> None:
    """Keep the message of a donation that another attempt has claimed: that one may be dead."""
    with sessions() as session:
        of_it = select(Donation.id).where(Donation.id == donation_id)
        unfinished = session.scalar(of_it.where(is_unfinished))
    if unfinished is not None:
        raise StillClaimed(f"{donation_id} is in the hands of another attempt")
    logger.info("Nothing to be done", extra={"donation_id": donation_id})


@contextmanager
def _given_back_on_error(
    sessions: sessionmaker[Session], donation_id: str, attempt: Attempt
) -> Iterator[None]:
    """Let the next attempt begin at once instead of when this one's claim has run out."""
    try:
        yield
    except Exception:
        with sessions.begin() as session:
            repository.release(session, donation_id, attempt)
        raise
