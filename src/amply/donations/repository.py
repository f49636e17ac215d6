"""The statements that move a donation forward.

    pending ──▶ processing ──▶ succeeded ──▶ refunded ──▶ (succeeded, if the refund fails later)
                   │      └──▶ failed ──▶ (succeeded, but from `processing_abandoned` alone)
                   ▼
                awaiting ────▶ succeeded or failed

A donor who pays on a page is awaited from the beginning; one whose bank wants to ask them about a
charge, from then on.

The state is guarded in SQL: a statement names the states it may leave, and changes no row when the
donation is in another, whatever its caller believed. What must happen because of a change, a
message or a receipt, is written in the same transaction.

A donation moves forward only, with two exceptions. A refund that fails later makes it succeeded
again (`refunds`). And `processing_abandoned` is what we say of a charge on which the provider was
silent: when the provider reports its success after all, its word counts. Every other failure is
the provider's own word and stays.
docs/decisions/0005-one-attempt-at-a-time.md has the alternatives.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, CursorResult, Update, and_, case, or_, select, update
from sqlalchemy.orm import Session

from amply.base.logs import bound_identifier
from amply.base.task_names import SEND_PAYMENT_LINK, SEND_RECEIPT
from amply.database.base import now
from amply.database.leases import RELEASED, Attempt, Job, is_free
from amply.donations.models import ABANDONED, EXPIRED, Donation, Flow, Status
from amply.donations.receipt import Receipt
from amply.ledger.postings import Kind, Posting, post
from amply.outbox.models import OutboxMessage

NEEDS_CHARGE = Donation.status.in_([Status.PENDING, Status.PROCESSING])
NEEDS_LINK = and_(
    Donation.status == Status.AWAITING, Donation.flow == Flow.SAVED, Donation.link_sent_at.is_(None)
)
NEEDS_LOOK = and_(
    Donation.status == Status.AWAITING,
    or_(Donation.flow != Flow.SAVED, Donation.link_sent_at.is_not(None)),
)
COUNTED = {
    "attempts": Donation.attempts + 1,
    # Free, and yet someone's: the claim has run out.
    "deaths": Donation.deaths + case((Donation.claimed_by.is_not(None), 1), else_=0),
}
_IS_ABANDONED = and_(Donation.status == Status.FAILED, Donation.failure_code == ABANDONED)


def is_unmoved(for_so_long: timedelta) -> ColumnElement[bool]:
    """Return the condition that a donation has not moved; a claim or release is a move."""
    return and_(Donation.updated_at < now() - for_so_long, is_free(Donation.claimed_until))


def message_about(donation_id: str, task: str) -> OutboxMessage:
    """Return a message that runs a task for this donation, under the current request's id."""
    return OutboxMessage(
        task=task,
        arguments={"donation_id": donation_id},
        request_id=bound_identifier("request_id"),
    )


def charging(donation_id: str) -> Job[Donation]:
    """Return the job of charging a donation."""
    changes = {"status": Status.PROCESSING, **COUNTED}
    return Job(donation_id, Donation, Donation.id == donation_id, NEEDS_CHARGE, changes)


def linking(donation_id: str) -> Job[Donation]:
    """Return the job of mailing the donor a link to the page where they can pay."""
    return Job(donation_id, Donation, Donation.id == donation_id, NEEDS_LINK, COUNTED)


def looking(donation_id: str) -> Job[Donation]:
    """Return the job of checking whether a donor has paid."""
    return Job(donation_id, Donation, Donation.id == donation_id, NEEDS_LOOK, COUNTED)


def store_payment(session: Session, donation_id: str, payment_id: str, attempt: Attempt) -> bool:
    """Store the one payment of a donation, before it is confirmed.

    Return False if this attempt has lost its claim, or another payment is stored.
    """
    held = update(Donation).where(
        Donation.id == donation_id,
        Donation.status == Status.PROCESSING,
        Donation.claimed_by == attempt.id,
        _is_of(payment_id),
    )
    return changed(session, held.values(payment_id=payment_id))


def succeed(session: Session, donation_id: str, payment_id: str) -> OutboxMessage | None:
    """Settle a donation as charged and write its receipt, on the provider's word.

    Return the message about the receipt, or None if the donation is settled already or has
    another payment.
    """
    is_open = or_(Donation.status.in_([Status.PROCESSING, Status.AWAITING]), _IS_ABANDONED)
    succeeded = update(Donation).where(Donation.id == donation_id, is_open, _is_of(payment_id))
    values = {"status": Status.SUCCEEDED, "payment_id": payment_id, "failure_code": None}
    changed = succeeded.values(**values, **RELEASED).returning(Donation.amount, Donation.currency)
    row = session.execute(changed.execution_options(synchronize_session=False)).one_or_none()
    if row is None:
        return None
    post(session, Posting(Kind.CHARGE, payment_id, *row, donation_id))
    message = message_about(donation_id, SEND_RECEIPT)
    session.add_all([Receipt(donation_id=donation_id), message])
    return message


def store_page(session: Session, donation_id: str, page_id: str, attempt: Attempt | None) -> bool:
    """Store the page on which the donor pays, in place of the payment that was canceled.

    Return False if the donor is no longer awaited, has another page, or this attempt has lost its
    claim. The API has no attempt: it opens the page before any task knows of the donation.
    """
    has_no_other = or_(Donation.page_id.is_(None), Donation.page_id == page_id)
    awaited = update(Donation).where(
        Donation.id == donation_id, Donation.status == Status.AWAITING, has_no_other
    )
    if attempt is not None:
        awaited = awaited.where(Donation.claimed_by == attempt.id)
    return changed(session, awaited.values(page_id=page_id, payment_id=None))


def await_donor(session: Session, donation_id: str, payment_id: str | None) -> OutboxMessage | None:
    """Await the donor, as their bank wants to ask them about this payment.

    Return the message that has a link mailed, or None if the donation has moved on.
    """
    processing = update(Donation).where(
        Donation.id == donation_id,
        Donation.status == Status.PROCESSING,
        Donation.payment_id == payment_id,
    )
    values = {"status": Status.AWAITING, "attempts": 0, "deaths": 0, **RELEASED}
    if not changed(session, processing.values(**values)):
        return None
    message = message_about(donation_id, SEND_PAYMENT_LINK)
    session.add(message)
    return message


def note_link_sent(session: Session, donation_id: str, attempt: Attempt) -> None:
    """Record that the link was mailed; from now on only checks of the page are counted."""
    held = update(Donation).where(Donation.id == donation_id, Donation.claimed_by == attempt.id)
    session.execute(held.values(link_sent_at=now(), attempts=0, deaths=0, **RELEASED))


def expire(session: Session, donation_id: str, page_id: str) -> bool:
    """Settle a donation as not paid, because its page has ended.

    Return False if the donation is settled already or has another page.
    """
    awaited = update(Donation).where(
        Donation.id == donation_id,
        Donation.status == Status.AWAITING,
        Donation.page_id == page_id,
    )
    values = {"status": Status.FAILED, "failure_code": EXPIRED, **RELEASED}
    return changed(session, awaited.values(**values))


def fail(session: Session, donation_id: str, failure_code: str, payment_id: str | None) -> bool:
    """Settle a donation as not charged, because this payment was declined.

    `payment_id` is None if no payment could be opened. Return False if the donation is settled
    already or has another payment.
    """
    is_charged = Donation.status == Status.PROCESSING  # one who is awaited may try another card
    return _fail(session, donation_id, failure_code, is_charged, Donation.payment_id == payment_id)


def refuse_page(session: Session, donation_id: str, failure_code: str) -> bool:
    """Settle a donation for which the provider opens no page, if it has none."""
    return _fail(session, donation_id, failure_code, Donation.page_id.is_(None))


def give_up(session: Session, donation_id: str, attempt: Attempt, failure_code: str) -> bool:
    """Settle a donation that was never charged, if this attempt still holds it."""
    return _fail(session, donation_id, failure_code, Donation.claimed_by == attempt.id)


@dataclass(frozen=True)
class StrayPayment:
    """A payment that the donation did not settle with; it must be refunded."""

    status: str  # of the donation
    payment_id: str | None  # the donation's own


def stray_payment(session: Session, donation_id: str, payment_id: str) -> StrayPayment | None:
    """Return how the donation stands if this payment is not or no longer its own."""
    selection = select(Donation.status, Donation.payment_id).where(Donation.id == donation_id)
    is_stray = or_(Donation.status == Status.FAILED, Donation.payment_id != payment_id)
    row = session.execute(selection.where(is_stray)).one_or_none()
    return row and StrayPayment(*row)


def _is_of(payment_id: str) -> ColumnElement[bool]:
    """Return the condition that a donation has this payment, or none yet."""
    return or_(Donation.payment_id.is_(None), Donation.payment_id == payment_id)


def _fail(
    session: Session, donation_id: str, failure_code: str, *where: ColumnElement[bool]
) -> bool:
    failed = update(Donation).where(
        Donation.id == donation_id,
        Donation.status.in_([Status.PROCESSING, Status.AWAITING]),
        *where,
    )
    values = {"status": Status.FAILED, "failure_code": failure_code, **RELEASED}
    return changed(session, failed.values(**values))


def changed(session: Session, statement: Update) -> bool:
    """Return whether a statement changed its donation."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - what an UPDATE gives
    return result.rowcount == 1
