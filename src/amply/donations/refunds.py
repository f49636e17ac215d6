"""The statements that give a donation back; `repository` has the others, and the states."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from amply.base.task_names import REFUND_DONATION
from amply.database.base import now
from amply.database.leases import RELEASED, Job
from amply.donations.models import ABANDONED, Donation, Status
from amply.donations.repository import COUNTED, changed, is_unmoved, message_about
from amply.ledger.postings import Kind, Posting, post, posted, refunded
from amply.outbox.models import OutboxMessage

NEEDS_REFUND = and_(Donation.status == Status.SUCCEEDED, Donation.refund_requested_at.is_not(None))


def refunding(donation_id: str) -> Job[Donation]:
    """Return the job of refunding a donation."""
    return Job(donation_id, Donation, Donation.id == donation_id, NEEDS_REFUND, COUNTED)


def request_refund(session: Session, donation_id: str) -> OutboxMessage | None:
    """Ask for a refund; None when it was asked for already or there is nothing to give back."""
    requested = update(Donation).where(
        Donation.id == donation_id,
        Donation.status == Status.SUCCEEDED,
        Donation.refund_requested_at.is_(None),
    )
    values = {"refund_requested_at": now(), "refund_failure_code": None}
    if not changed(session, requested.values(attempts=0, deaths=0, **values)):
        return None
    message = message_about(donation_id, REFUND_DONATION)
    session.add(message)
    return message


def refund(session: Session, donation_id: str, payment_id: str, refund_id: str | None) -> bool:
    """Note that the donor has this payment back; False when that was noted before.

    False as well when it is not the donation's payment, of which the money is still held. Without
    an id where it was given back by other hands than ours. One that comes after the news, which
    Stripe's webhook tells without it, is still noted. One that has failed meanwhile is not.
    """
    if refund_id is not None and posted(session, Kind.REFUND_FAILURE, refund_id) is not None:
        return False
    of_it = update(Donation).where(Donation.id == donation_id, Donation.payment_id == payment_id)
    refunded = of_it.where(Donation.status == Status.SUCCEEDED)
    values = {"status": Status.REFUNDED, "refund_id": refund_id, **RELEASED}
    is_news = changed(session, refunded.values(**values))
    if not is_news:
        nameless = of_it.where(Donation.status == Status.REFUNDED, Donation.refund_id.is_(None))
        session.execute(nameless.values(refund_id=refund_id))
    if refund_id is not None:
        _post_refund(session, donation_id, payment_id, refund_id)
    return is_news


def reopen(session: Session, donation_id: str, failure_code: str) -> bool:
    """Note that the bank did not take a refund, after it was made: the money is here again.

    This is the other exception to moving forward, and as well on the provider's word. The refund
    may be requested again. https://docs.stripe.com/refunds#failed-refunds
    """
    reopened = update(Donation).where(
        Donation.id == donation_id, Donation.status == Status.REFUNDED
    )
    values = {"status": Status.SUCCEEDED, "refund_id": None, "refund_requested_at": None}
    return changed(session, reopened.values(refund_failure_code=failure_code, **values))


def refuse_refund(session: Session, donation_id: str, failure_code: str) -> bool:
    """Note why the donor could not be refunded; it may be asked for again."""
    return _refuse_refund(session, donation_id, failure_code)


def abandon_refund(session: Session, donation_id: str, stuck_after: timedelta) -> bool:
    """Note that no attempt to refund came to its end; it may be asked for again.

    False when it has moved since it was found to be stuck.
    """
    return _refuse_refund(session, donation_id, ABANDONED, NEEDS_REFUND, is_unmoved(stuck_after))


def _post_refund(session: Session, donation_id: str, payment_id: str, refund_id: str) -> None:
    """Post what was left to refund; what was refunded in parts before is posted already."""
    of_it = (Donation.id == donation_id, Donation.payment_id == payment_id)
    row = session.execute(select(Donation.amount, Donation.currency).where(*of_it)).one_or_none()
    if row is None:
        return
    left = row.amount - refunded(session, donation_id)
    if left > 0:
        post(session, Posting(Kind.REFUND, refund_id, left, row.currency, donation_id))


def _refuse_refund(
    session: Session, donation_id: str, failure_code: str, *where: ColumnElement[bool]
) -> bool:
    refused = update(Donation).where(
        Donation.id == donation_id, Donation.status == Status.SUCCEEDED, *where
    )
    values = {"refund_requested_at": None, "refund_failure_code": failure_code, **RELEASED}
    return changed(session, refused.values(**values))
