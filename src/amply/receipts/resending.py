"""Send a receipt once more, because staff ask for it."""

from datetime import timedelta

from sqlalchemy import and_, exists, func, or_, update
from sqlalchemy.orm import Session

from amply.base.task_names import SEND_RECEIPT
from amply.database.base import now
from amply.database.leases import RELEASED
from amply.donations.erasure import ERASED_EMAIL
from amply.donations.models import Donation, Status
from amply.donations.receipt import Receipt
from amply.donations.repository import changed, message_about
from amply.outbox.models import OutboxMessage
from amply.receipts.tasks import GIVEN_UP

_SENT_JUST_NOW = timedelta(minutes=10)  # a request that is repeated sends no second copy


def resend(session: Session, donation_id: str) -> OutboxMessage | None:
    """Leave the message for another copy of a receipt that was sent, or given up.

    Return None if one is due, was sent in the last ten minutes, or the donation is not charged.
    """
    is_over = or_(
        Receipt.sent_at < now() - _SENT_JUST_NOW,
        and_(Receipt.sent_at.is_(None), func.coalesce(Receipt.claimed_by, "") == GIVEN_UP),
    )
    is_charged = exists().where(
        Donation.id == donation_id,
        Donation.status == Status.SUCCEEDED,
        Donation.donor_email != ERASED_EMAIL,
    )
    due_again = update(Receipt).where(Receipt.donation_id == donation_id, is_over, is_charged)
    moment = now()
    values = {"copies": Receipt.copies + 1, "sent_at": None, "attempted_at": None, **RELEASED}
    values |= {"message_id": None, "queued_at": moment, "created_at": moment}
    if not changed(session, due_again.values(**values)):
        return None
    message = message_about(donation_id, SEND_RECEIPT)
    session.add(message)
    return message
