"""The statements that refund a donation; `repository` has the others, and the states."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from amply.base.task_names import REFUND_DONATION
from amply.database.base import now
from amply.database.leases import RELEASED, Attempt, Job
from amply.donations.models import ABANDONED, Donation, Status
from amply.donations.repository import COUNTED, changed, is_unmoved, message_about
from amply.ledger.models import Account, LedgerLine
from amply.ledger.postings import Kind, Posting, post, posted, refunded
from amply.outbox.models import OutboxMessage

_NOT_ASKED_FOR: dict[str, object] = {"refund_requested_at": None, "refund_amount": None}

NEEDS_REFUND = and_(Donation.status == Status.SUCCEEDED, Donation.refund_requested_at.is_not(None))


def refunding(donation_id: str) -> Job[Donation]:
    """Return the job of refunding a donation."""
    return Job(donation_id, Donation, Donation.id == donation_id, NEEDS_REFUND, COUNTED)


def request_refund(
    session: Session, donation_id: str, amount: int | None = None, key: str | None = None
) -> OutboxMessage | None:
    """Ask for a refund of an amount in minor units, or of all that is left.

    Return None if a refund is asked for already, the last request had the same key, or less than
    the amount is left. A donation has one refund in progress at a time.
    """
    requested = update(Donation).where(
        Donation.id == donation_id,
        Donation.status == Status.SUCCEEDED,
        Donation.refund_requested_at.is_(None),
    )
    if amount is not None:
        requested = requested.where(Donation.amount - _refunded_of_row() >= amount)
    if key is not None:
        is_new = or_(Donation.refund_key.is_(None), Donation.refund_key != key)
        requested = requested.where(is_new)
    values: dict[str, object] = {"refund_requested_at": now(), "refund_failure_code": None}
    values |= {"refund_amount": amount, "refund_key": key, "attempts": 0, "deaths": 0}
    if not changed(session, requested.values(**values)):
        return None
    message = message_about(donation_id, REFUND_DONATION)
    session.add(message)
    return message


def refund(session: Session, donation_id: str, payment_id: str, refund_id: str | None) -> bool:
    """Record that the donor got this payment back; return False if that is recorded already, if
    the refund has failed meanwhile, or if it is a payment that the donation does not have.

    `refund_id` is None if somebody else made the refund, and is recorded later. Nothing is posted.
    """
    if refund_id is not None and posted(session, Kind.REFUND_FAILURE, refund_id) is not None:
        return False
    of_it = update(Donation).where(Donation.id == donation_id, Donation.payment_id == payment_id)
    refunded = of_it.where(Donation.status == Status.SUCCEEDED)
    values = {"status": Status.REFUNDED, "refund_id": refund_id, "refund_amount": None, **RELEASED}
    is_news = changed(session, refunded.values(**values))
    if not is_news:
        nameless = of_it.where(Donation.status == Status.REFUNDED, Donation.refund_id.is_(None))
        session.execute(nameless.values(refund_id=refund_id))
    return is_news


def note_refund(
    session: Session, donation: Donation, amount: int, refund_id: str, attempt: Attempt
) -> bool:
    """Post a refund that was made, of a part or of all; return False if that was done already.

    The donation is refunded once nothing is left; until then another part may be asked for. What
    people refunded at Stripe itself is only known from its events, which may come later.
    """
    posting = Posting(Kind.REFUND, refund_id, amount, donation.currency, donation.id)
    is_news = post(session, posting)
    if refunded(session, donation.id) >= donation.amount:
        return refund(session, donation.id, donation.payment_id or "", refund_id) or is_news
    held = update(Donation).where(
        Donation.id == donation.id,
        Donation.status == Status.SUCCEEDED,
        Donation.claimed_by == attempt.id,
    )
    changed(session, held.values(**_NOT_ASKED_FOR, **RELEASED))
    return is_news


def fail_part(session: Session, donation_id: str, failure_code: str) -> None:
    """Record that the bank returned a part after it was refunded: see `reopen`."""
    of_it = (Donation.id == donation_id, Donation.status == Status.SUCCEEDED)
    changed(session, update(Donation).where(*of_it).values(refund_failure_code=failure_code))


def reopen(session: Session, donation_id: str, failure_code: str) -> bool:
    """Record that the bank returned a refund after it was made, so the money is ours again.

    This is the second exception to moving forward. The refund may be requested again.
    https://docs.stripe.com/refunds#failed-refunds
    """
    reopened = update(Donation).where(
        Donation.id == donation_id, Donation.status == Status.REFUNDED
    )
    values = {"status": Status.SUCCEEDED, "refund_id": None, **_NOT_ASKED_FOR}
    return changed(session, reopened.values(refund_failure_code=failure_code, **values))


def refuse_refund(session: Session, donation_id: str, failure_code: str) -> bool:
    """Record why the donor could not be refunded; the refund may be requested again."""
    return _refuse_refund(session, donation_id, failure_code)


def abandon_refund(session: Session, donation_id: str, stuck_after: timedelta) -> bool:
    """Record that all attempts to refund failed; the refund may be requested again.

    Return False if the donation has moved since it was found.
    """
    return _refuse_refund(session, donation_id, ABANDONED, NEEDS_REFUND, is_unmoved(stuck_after))


def _refunded_of_row() -> ColumnElement[int]:
    """Return what the donor of the row at hand has back: `postings.refunded`, in SQL."""
    total = select(func.coalesce(func.sum(LedgerLine.amount), 0)).where(
        LedgerLine.donation_id == Donation.id, LedgerLine.account == Account.REFUNDS
    )
    return total.correlate(Donation).scalar_subquery()


def _refuse_refund(
    session: Session, donation_id: str, failure_code: str, *where: ColumnElement[bool]
) -> bool:
    refused = update(Donation).where(
        Donation.id == donation_id, Donation.status == Status.SUCCEEDED, *where
    )
    values = {"refund_failure_code": failure_code, **_NOT_ASKED_FOR, **RELEASED}
    return changed(session, refused.values(**values))
