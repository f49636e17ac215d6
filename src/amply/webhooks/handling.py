"""What an event does to a donation. Events come in any order, more than once, or not at all."""

import logging

from sqlalchemy.orm import Session

from amply.donations import repository
from amply.donations.models import Donation, Status
from amply.outbox.models import OutboxMessage
from amply.webhooks.events import Event
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
            return _succeeded(session, donation, event.payment_id)
        case "payment_intent.payment_failed":
            code = event.failure_code or "card_declined"
            if repository.fail(session, donation.id, code):
                said = {"donation_id": donation.id, "failure_code": code}
                logger.info("Donation failed", extra=said)
        case "charge.refunded" if event.fully_refunded:
            # It may come before the news of its success, which it implies.
            message = _succeeded(session, donation, event.payment_id)
            if repository.refund(session, donation.id, None):
                logger.info("Donation refunded", extra={"donation_id": donation.id})
            return message
    return None


def _succeeded(session: Session, donation: Donation, payment_id: str) -> OutboxMessage | None:
    if donation.status == Status.FAILED:
        # Told that it failed, and charged nevertheless: only people can put this right.
        logger.error(
            "Charge found for a failed donation",
            extra={"donation_id": donation.id, "payment_id": payment_id},
        )
    message = repository.succeed(session, donation.id, payment_id)
    if message is not None:
        logger.info("Donation succeeded", extra={"donation_id": donation.id})
    return message
