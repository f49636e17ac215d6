"""The effects of Stripe's events on donations. Events may arrive in any order, repeatedly, or
never.
"""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from amply.base.logs import bound_identifier
from amply.base.money import written
from amply.base.task_names import BOOK_OBJECT
from amply.donations import repository
from amply.donations.models import EXPIRED, Donation
from amply.donations.tasks import decline, report_failure, report_stray, report_success
from amply.notices.tasks import announce
from amply.outbox.models import OutboxMessage
from amply.payments.events import Event
from amply.payments.records import Resource
from amply.webhooks.models import StripeEvent

logger = logging.getLogger(__name__)

# Objects whose money is booked: an event about one is a reason to look at it, and no more. It says
# how the object was: `charge.refunded` may come after the refund has failed.
_BOOKED = {
    "refund": Resource.REFUNDS,
    "dispute": Resource.DISPUTES,
    "payout": Resource.PAYOUTS,
}

# Money that moves against the donor's or our will: only people can respond.
# https://docs.stripe.com/disputes, https://docs.stripe.com/disputes/measuring#early-fraud-warnings
_CALLS_FOR_PEOPLE = {
    "radar.early_fraud_warning.created": "Fraud warning for a donation",
}


def handle(session: Session, event: Event) -> OutboxMessage | None:
    """Store the event and apply it to its donation, in the caller's transaction.

    Return a message that must be sent after the commit. Raise IntegrityError if the event was
    handled before.
    """
    session.add(StripeEvent(id=event.id, type=event.type))
    session.flush()
    if event.type == "checkout.session.expired":
        _expired(session, event)
    if event.object_kind in _BOOKED and event.object_id:
        return _book_later(session, _BOOKED[event.object_kind], event.object_id)
    if event.type == "charge.refunded" and event.object_id:
        return _book_later(session, Resource.CHARGES, event.object_id)
    donation = _donation_of(session, event) if event.payment_id else None
    if donation is not None and event.payment_id:
        return _apply(session, donation, event, event.payment_id)
    if event.payment_id and event.donation_id is not None:
        logger.error("Event about a donation that is not in the database", extra=_fields(event))
    return None


def _apply(
    session: Session, donation: Donation, event: Event, payment_id: str
) -> OutboxMessage | None:
    """Apply an event about a payment to its donation."""
    match event.type:
        case "payment_intent.succeeded":
            return _succeeded(session, donation, event, payment_id)
        case "payment_intent.payment_failed":
            code = event.failure_code or "card_declined"
            return decline(session, donation.id, code, payment_id)
        case kind if kind in _CALLS_FOR_PEOPLE:
            logger.error(_CALLS_FOR_PEOPLE[kind], extra=_fields(event, donation))
            return _warn_staff(session, donation, event)
    return None


def _warn_staff(session: Session, donation: Donation, event: Event) -> OutboxMessage | None:
    """Leave a mail to staff. A refund before the bank acts mostly prevents the dispute."""
    amount = written(donation.amount, donation.currency)
    lines = [
        "The card's issuer reports a donation as fraud. Refund it before it is disputed.",
        "",
        f"Donation:  {donation.id}",
        f"Amount:    {amount}",
        f"Payment:   https://dashboard.stripe.com/payments/{event.payment_id}",
        "",
    ]
    notice_id = event.object_id or event.id
    return announce(session, notice_id, f"Fraud warning: {amount}", "\n".join(lines))


def _expired(session: Session, event: Event) -> None:
    donation_id, page_id = event.donation_id, event.object_id
    if donation_id and page_id and repository.expire(session, donation_id, page_id):
        report_failure(donation_id, EXPIRED)


def _book_later(session: Session, resource: Resource, object_id: str) -> OutboxMessage:
    """Write a message to read the object at Stripe, because events arrive in any order."""
    message = OutboxMessage(
        task=BOOK_OBJECT,
        arguments={"resource": resource, "object_id": object_id},
        request_id=bound_identifier("request_id"),
    )
    session.add(message)
    return message


def _donation_of(session: Session, event: Event) -> Donation | None:
    """Return the donation in the metadata of the payment, else the one that has the payment."""
    if event.donation_id is not None:
        return session.get(Donation, event.donation_id)
    if event.type not in _CALLS_FOR_PEOPLE:
        return None
    return session.scalar(select(Donation).where(Donation.payment_id == event.payment_id))


def _fields(event: Event, donation: Donation | None = None) -> dict[str, object]:
    fields = {
        "event": event.type,
        "donation_id": donation.id if donation else event.donation_id,
        "payment_id": event.payment_id,
        "amount": event.amount,
        "failure_code": event.failure_code,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _succeeded(
    session: Session, donation: Donation, event: Event, payment_id: str
) -> OutboxMessage | None:
    if (event.amount, event.currency) != (donation.amount, donation.currency):
        logger.error("Another amount was charged", extra=_fields(event, donation))
    message = repository.succeed(session, donation.id, payment_id)
    if message:
        report_success(donation.id)
    elif stray := repository.stray_payment(session, donation.id, payment_id):
        report_stray(donation.id, payment_id, stray)
    return message
