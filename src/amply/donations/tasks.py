"""Charge a donation and refund one. Either may be run any number of times, and is done once."""

import logging

from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import PaymentDeclined, StillClaimed
from amply.database.base import now
from amply.database.leases import Attempt
from amply.donations import refunds, repository
from amply.donations.models import Donation, Status
from amply.donations.repository import StrayPayment
from amply.limits import UNLIMITED, Limit
from amply.outbox.models import OutboxMessage
from amply.payments.gateway import KEY_IS_REMEMBERED, Charge, Payment, PaymentGateway, Refund
from amply.payments.pages import BANK_ASKS

logger = logging.getLogger(__name__)


def charge_donation(
    sessions: sessionmaker[Session],
    gateway: PaymentGateway,
    donation_id: str,
    attempt: Attempt,
    cards: Limit = UNLIMITED,
) -> OutboxMessage | None:
    """Charge the donor, with no transaction open while the provider answers.

    `cards` limits the attempts at one card. Return the message about the receipt, or about the link
    to a page, that is now due, if any. Raise PaymentUnavailable if the
    provider gives no answer, and StillClaimed if another attempt holds the donation: the queue
    delivers the task again.
    """
    with repository.charging(donation_id).claimed(sessions, attempt) as donation:
        if donation is None:
            return None
        payment_id = donation.payment_id
        try:
            if payment_id is None:
                payment = _find_or_open(gateway, donation)
                payment_id = _stored(sessions, donation_id, payment.id, attempt)
                _raise_if_tested(cards, payment)
            gateway.confirm(payment_id)
        except PaymentDeclined as declined:
            return _note_decline(sessions, donation_id, declined.code, payment_id)
        return note_success(sessions, donation_id, payment_id)


def _raise_if_tested(cards: Limit, payment: Payment) -> None:
    """Raise PaymentDeclined if somebody tries one card too often.

    https://docs.stripe.com/disputes/prevention/card-testing
    """
    if payment.card_fingerprint and not cards.admits(payment.card_fingerprint):
        raise PaymentDeclined("card_velocity_exceeded")


def _find_or_open(gateway: PaymentGateway, donation: Donation) -> Payment:
    """Return a new payment, or one that was opened before and whose id was not stored.

    The number of attempts is not enough: a restored database lacks the attempts of a donation that
    was charged after the backup.
    """
    if donation.attempts > 1 or donation.created_at < now() - KEY_IS_REMEMBERED:
        payment_id = gateway.find(donation.id)
        if payment_id is not None:
            return Payment(payment_id)
    return gateway.open(
        Charge(
            donation_id=donation.id,
            amount=donation.amount,
            currency=donation.currency,
            payment_method=donation.payment_method or "",
            attempt=donation.attempts,
        )
    )


def _stored(
    sessions: sessionmaker[Session], donation_id: str, payment_id: str, attempt: Attempt
) -> str:
    """Store the payment's id: only a stored payment is ever confirmed."""
    with sessions.begin() as session:
        is_stored = repository.store_payment(session, donation_id, payment_id, attempt)
    if not is_stored:
        raise StillClaimed(f"{donation_id} was taken over by another attempt")
    return payment_id


def refund_donation(
    sessions: sessionmaker[Session], gateway: PaymentGateway, donation_id: str, attempt: Attempt
) -> None:
    """Refund a donation for which staff requested it. Raise as `charge_donation` does."""
    with refunds.refunding(donation_id).claimed(sessions, attempt) as donation:
        if donation is None:
            return
        refund = _refund_of(donation)
        try:
            result = gateway.refund(refund)
        except PaymentDeclined as refused:
            with sessions.begin() as session:
                refunds.refuse_refund(session, donation_id, refused.code)
            report_refusal(donation_id, refused.code)
            return
        with sessions.begin() as session:
            if result is None:
                is_news = refunds.refund(session, donation_id, refund.payment_id, None)
            else:
                is_news = refunds.note_refund(session, donation, result.amount, result.id, attempt)
    if is_news:
        fields = {"donation_id": donation_id, "amount": (result or donation).amount}
        logger.info("Donation refunded", extra=fields)


def note_success(
    sessions: sessionmaker[Session], donation_id: str, payment_id: str
) -> OutboxMessage | None:
    """Settle a donation as succeeded, and log it unless it was settled before."""
    with sessions.begin() as session:
        receipt = repository.succeed(session, donation_id, payment_id)
        stray = None if receipt else repository.stray_payment(session, donation_id, payment_id)
    if receipt:
        report_success(donation_id)
    elif stray:
        report_stray(donation_id, payment_id, stray)
    return receipt


def report_success(donation_id: str) -> None:
    """Log that a donation has succeeded."""
    logger.info("Donation succeeded", extra={"donation_id": donation_id})


def report_stray(donation_id: str, payment_id: str, stray: StrayPayment) -> None:
    """Log a charge that the donation did not need: only people can correct this."""
    fields = {"donation_id": donation_id, "payment_id": payment_id}
    if stray.status == Status.FAILED:  # the donor was told that the bank declined
        logger.error("Charge found for a failed donation", extra=fields)
    else:
        fields = {**fields, "noted_payment_id": str(stray.payment_id)}
        logger.error("Second charge found for a donation", extra=fields)


def report_failure(donation_id: str, failure_code: str) -> None:
    """Log that a donation has failed."""
    fields = {"donation_id": donation_id, "failure_code": failure_code}
    logger.info("Donation failed", extra=fields)


def report_refusal(donation_id: str, failure_code: str) -> None:
    """Log that a refund which staff requested did not happen."""
    fields = {"donation_id": donation_id, "failure_code": failure_code}
    logger.warning("Refund refused", extra=fields)


def _note_decline(
    sessions: sessionmaker[Session], donation_id: str, failure_code: str, payment_id: str | None
) -> OutboxMessage | None:
    with sessions.begin() as session:
        return decline(session, donation_id, failure_code, payment_id)


def decline(
    session: Session, donation_id: str, failure_code: str, payment_id: str | None
) -> OutboxMessage | None:
    """Settle a donation as failed, or await the donor if only their bank wants to ask them.

    Return the message that has a link mailed, in the second case.
    """
    if failure_code in BANK_ASKS:
        message = repository.await_donor(session, donation_id, payment_id)
        if message:
            logger.info("Bank asks the donor", extra={"donation_id": donation_id})
        return message
    if repository.fail(session, donation_id, failure_code, payment_id):
        report_failure(donation_id, failure_code)
    return None


def _refund_of(donation: Donation) -> Refund:
    assert donation.refund_requested_at is not None  # noqa: S101 - it is claimed for nothing else
    return Refund(
        donation_id=donation.id,
        payment_id=donation.payment_id or "",
        requested_at=donation.refund_requested_at,
        amount=donation.refund_amount,
        attempt=donation.attempts,
    )
