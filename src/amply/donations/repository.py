"""The statements that move a donation forward.

    pending ──▶ processing ──▶ succeeded ──▶ refunded
                          └──▶ failed

The state is guarded in SQL: a statement names the states it may leave, and changes no row when the
donation is in another, whatever its caller believed. What must happen because of a change, a
message or a receipt, is written in the same transaction.
"""

from sqlalchemy import CursorResult, Update, and_, update
from sqlalchemy.orm import Session

from amply.database import now
from amply.donations.models import Donation, Status
from amply.jobs.names import REFUND_DONATION, SEND_RECEIPT
from amply.leases import RELEASED, Attempt, is_free
from amply.logs import bound_identifier
from amply.outbox.models import OutboxMessage
from amply.receipts.models import Receipt

NEEDS_CHARGE = Donation.status.in_([Status.PENDING, Status.PROCESSING])
NEEDS_REFUND = and_(Donation.status == Status.SUCCEEDED, Donation.refund_requested_at.is_not(None))


def message_about(donation_id: str, task: str) -> OutboxMessage:
    """A message that has a task run for this donation, and is found by the current request's id."""
    return OutboxMessage(
        task=task,
        arguments={"donation_id": donation_id},
        request_id=bound_identifier("request_id"),
    )


def claim(session: Session, donation_id: str, attempt: Attempt) -> Donation | None:
    """Take a donation for charging, for this attempt alone.

    None when it is in the hands of another attempt, has come to its end, or does not exist.
    """
    claimed = update(Donation).where(
        Donation.id == donation_id, NEEDS_CHARGE, is_free(Donation.claimed_until)
    )
    return session.scalar(
        claimed.values(
            status=Status.PROCESSING, attempts=Donation.attempts + 1, **attempt.claim()
        ).returning(Donation)
    )


def release(session: Session, donation_id: str, attempt: Attempt) -> None:
    """Give a donation back that this attempt could not bring to its end."""
    held = update(Donation).where(Donation.id == donation_id, Donation.claimed_by == attempt.id)
    session.execute(held.values(**RELEASED))


def succeed(session: Session, donation_id: str, payment_id: str) -> OutboxMessage | None:
    """Note the payment, and owe the donor a receipt.

    Gives the message about the receipt, None when someone else has settled the donation.
    """
    if not _settle(session, donation_id, Status.SUCCEEDED, payment_id=payment_id):
        return None
    message = message_about(donation_id, SEND_RECEIPT)
    session.add_all([Receipt(donation_id=donation_id), message])
    return message


def fail(session: Session, donation_id: str, failure_code: str) -> bool:
    """Note that the donor was not charged; False when someone else has settled the donation."""
    return _settle(session, donation_id, Status.FAILED, failure_code=failure_code)


def request_refund(session: Session, donation_id: str) -> OutboxMessage | None:
    """Ask for a refund; None when it was asked for already or there is nothing to give back."""
    asked = update(Donation).where(
        Donation.id == donation_id,
        Donation.status == Status.SUCCEEDED,
        Donation.refund_requested_at.is_(None),
    )
    if not _changed(session, asked.values(refund_requested_at=now(), refund_failure_code=None)):
        return None
    message = message_about(donation_id, REFUND_DONATION)
    session.add(message)
    return message


def claim_refund(session: Session, donation_id: str, attempt: Attempt) -> Donation | None:
    """Take a donation for refunding, for this attempt alone; None as with `claim`."""
    claimed = update(Donation).where(
        Donation.id == donation_id, NEEDS_REFUND, is_free(Donation.claimed_until)
    )
    return session.scalar(claimed.values(**attempt.claim()).returning(Donation))


def refund(session: Session, donation_id: str, refund_id: str | None) -> bool:
    """Note that the donor has the money back; False when that was noted before.

    Without an id where it was given back by other hands than ours.
    """
    refunded = update(Donation).where(
        Donation.id == donation_id, Donation.status == Status.SUCCEEDED
    )
    values = {"status": Status.REFUNDED, "refund_id": refund_id, **RELEASED}
    return _changed(session, refunded.values(**values))


def refuse_refund(session: Session, donation_id: str, failure_code: str) -> bool:
    """Note why the donor could not be refunded; it may be asked for again."""
    refused = update(Donation).where(
        Donation.id == donation_id, Donation.status == Status.SUCCEEDED
    )
    values = {"refund_requested_at": None, "refund_failure_code": failure_code, **RELEASED}
    return _changed(session, refused.values(**values))


def _settle(session: Session, donation_id: str, status: Status, **values: str) -> bool:
    """End the charging. Whoever knows what the provider did may do so: its word is the truth."""
    settled = update(Donation).where(
        Donation.id == donation_id, Donation.status == Status.PROCESSING
    )
    return _changed(session, settled.values(status=status, **values, **RELEASED))


def _changed(session: Session, statement: Update) -> bool:
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - what an UPDATE gives
    return result.rowcount == 1
