"""What an event does to a donation. Events come in any order, more than once, or not at all."""

import logging

from sqlalchemy.orm import Session

from amply.donations import repository
from amply.donations.models import Donation
from amply.donations.tasks import report_failure, report_success
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
            return _succeeded(session, donation.id, event.payment_id)
        case "payment_intent.payment_failed":
            code = event.failure_code or "card_declined"
            if repository.fail(session, donation.id, code):
                report_failure(donation.id, code)
        case "charge.refunded" if event.fully_refunded:
            # It may come before the news of its success, which it implies.
            message = _succeeded(session, donation.id, event.payment_id)
            if repository.refund(session, donation.id, None):
                logger.info("Donation refunded", extra={"donation_id": donation.id})
            return message
        case "refund.failed":
            # The donor was told of money that did not come: only people can put this right.
            said = {"donation_id": donation.id, "failure_code": event.failure_code}
            logger.error("Refund failed after it was made", extra=said)
    return None


def _succeeded(session: Session, donation_id: str, payment_id: str) -> OutboxMessage | None:
    message = repository.succeed(session, donation_id, payment_id)
    has_failed = message is None and repository.has_failed(session, donation_id)
    report_success(donation_id, payment_id, is_news=message is not None, has_failed=has_failed)
    return message
