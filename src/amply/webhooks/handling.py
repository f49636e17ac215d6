"""What an event does to a donation. Events come in any order, more than once, or not at all."""

import logging

from sqlalchemy.orm import Session

from amply.donations import repository
from amply.donations.models import Donation
from amply.donations.tasks import report_failure, report_stray, report_success
from amply.outbox.models import OutboxMessage
from amply.payments.events import Event
from amply.webhooks.models import StripeEvent

logger = logging.getLogger(__name__)


def handle(session: Session, event: Event) -> OutboxMessage | None:
    """Keep the event and do what it asks for, in the caller's transaction.

    Gives a message that is to be sent once that is committed. Raises IntegrityError when the event
    was handled before.
    """
    session.add(StripeEvent(id=event.id, type=event.type))
    session.flush()
    donation = event.donation_id and session.get(Donation, event.donation_id)
    if not donation or not event.payment_id:
        return None
    match event.type:
        case "payment_intent.succeeded":
            return _succeeded(session, donation.id, event.payment_id)
        case "payment_intent.payment_failed":
            code = event.failure_code or "card_declined"
            if repository.fail(session, donation.id, code):
                report_failure(donation.id, code)
        case "charge.refunded" if event.fully_refunded:
            return _refunded(session, donation.id, event.payment_id)
        case "refund.failed":
            # The donor was told of money that did not come: only people can put this right.
            said = {"donation_id": donation.id, "payment_id": event.payment_id}
            told = {**said, "failure_code": event.failure_code}
            logger.error("Refund failed after it was made", extra=told)
    return None


def _succeeded(session: Session, donation_id: str, payment_id: str) -> OutboxMessage | None:
    message = repository.succeed(session, donation_id, payment_id)
    if message:
        report_success(donation_id)
    elif ended := repository.ended_without(session, donation_id, payment_id):
        report_stray(donation_id, payment_id, ended)
    return message


def _refunded(session: Session, donation_id: str, payment_id: str) -> OutboxMessage | None:
    # It may come before the news of its success, which it implies.
    message = repository.succeed(session, donation_id, payment_id)
    if message:
        report_success(donation_id)
    said = {"donation_id": donation_id, "payment_id": payment_id}
    if repository.refund(session, donation_id, payment_id, None):
        logger.info("Donation refunded", extra=said)
    elif repository.ended_without(session, donation_id, payment_id):
        # What was called out as a stray charge is put right; the donation stays what it is.
        logger.info("Stray charge refunded", extra=said)
    return message
