"""Apply a record of the provider's, from an event or a list, to donations and ledger.

Repeating it changes nothing. Clear cases are corrected; others become differences.
"""

import logging
from functools import singledispatch

from sqlalchemy import select
from sqlalchemy.orm import Session

from amply.donations import refunds, repository
from amply.donations.models import Donation, Status
from amply.donations.tasks import report_success
from amply.ledger.postings import Kind, Posting, correct, post, refunded
from amply.payments.records import ChargeRecord, DisputeRecord, PayoutRecord, Record, RefundRecord
from amply.reconciliation.differences import note, resolve, withdraw
from amply.reconciliation.models import Dispute
from amply.reconciliation.notices import announce_dispute

logger = logging.getLogger(__name__)

_SETTLED = {Status.SUCCEEDED, Status.REFUNDED}


@singledispatch
def book(record: Record, session: Session) -> int:
    """Apply a record in the caller's transaction; return the number of repairs.

    New fees and payouts do not count as repairs.
    """
    raise NotImplementedError(type(record).__name__)


@book.register
def _charge(record: ChargeRecord, session: Session) -> int:
    donation = _donation_of(session, record.payment_id, record.donation_id)
    if donation is None:
        return _stray(session, record, "charge_without_donation", None)
    repairs = 0
    if repository.succeed(session, donation.id, record.payment_id):
        report_success(donation.id)
        repairs += 1
    elif stray := repository.stray_payment(session, donation.id, record.payment_id):
        is_failed = stray.status == Status.FAILED
        kind = "charge_of_failed_donation" if is_failed else "second_charge"
        return _stray(session, record, kind, donation.id)
    session.refresh(donation)
    if donation.status not in _SETTLED:  # the task that charges it finds this payment
        return repairs
    if (record.amount, record.currency) != (donation.amount, donation.currency):
        note(session, "other_amount", record, donation.id)
    repairs += _posted(session, Kind.CHARGE, record, record.payment_id, donation.id)
    _post_fee(session, record, donation.id)
    return repairs


@book.register
def _refund(record: RefundRecord, session: Session) -> int:
    donation = _donation_of(session, record.payment_id)
    if donation is None:
        return _stray_refund(session, record) if record.failure_code is None else 0
    if record.failure_code is not None:
        return _failed_refund(session, record, record.failure_code, donation)
    repairs = _posted(session, Kind.REFUND, record, record.id, donation.id)
    if _left(session, record, donation) <= 0:
        if refunds.refund(session, donation.id, record.payment_id, record.id):
            fields = {"donation_id": donation.id, "amount": record.amount}
            logger.info("Donation refunded", extra=fields)
    elif repairs:
        fields = {"donation_id": donation.id, "amount": record.amount}
        logger.info("Donation refunded in part", extra=fields)
    return repairs


def _left(session: Session, record: RefundRecord, donation: Donation) -> int:
    """Return how much of a donation is not refunded; less than nothing becomes a difference.

    News of a refund may come before that of an earlier one's failure, which allowed it.
    """
    left = donation.amount - refunded(session, donation.id)
    if left < 0:
        note(session, "refunded_too_much", record, donation.id)
    else:
        withdraw(session, "refunded_too_much", record.payment_id)
    return left


def _stray_refund(session: Session, record: RefundRecord) -> int:
    repairs = _posted(session, Kind.STRAY_REFUND, record, record.id, None)
    resolve(session, record.payment_id)
    if repairs:
        fields = {"payment_id": record.payment_id, "amount": record.amount}
        logger.info("Stray charge refunded", extra=fields)
    return repairs


def _failed_refund(
    session: Session, record: RefundRecord, failure_code: str, donation: Donation
) -> int:
    """Post a refund and its failure, so that older news of the refund changes nothing."""
    repairs = _posted(session, Kind.REFUND, record, record.id, donation.id)
    is_news = _posted(session, Kind.REFUND_FAILURE, record, record.id, donation.id)
    left = _left(session, record, donation)
    is_reopened = left > 0 and refunds.reopen(session, donation.id, failure_code)
    if is_news and left > 0 and not is_reopened:
        if left == record.amount:  # the attempt that made it may still be on its way
            refunds.refuse_refund(session, donation.id, failure_code)
        else:
            refunds.fail_part(session, donation.id, failure_code)
    if is_reopened or (is_news and left > 0):
        fields = {"donation_id": donation.id, "failure_code": failure_code}
        logger.error("Refund failed after it was made", extra=fields)
    return repairs + is_news


@book.register
def _dispute(record: DisputeRecord, session: Session) -> int:
    donation = _donation_of(session, record.payment_id)
    donation_id = donation.id if donation else None
    known = _kept_dispute(session, record, donation_id)
    if known.status != record.status:
        _report_dispute(session, record, donation_id, is_new=known.status == "")
    known.status, known.respond_by = record.status, record.respond_by
    repairs = 0
    for moved in record.movements:
        kind = Kind.DISPUTE if moved.amount < 0 else Kind.DISPUTE_REVERSAL
        shared = (record.currency, donation_id, moved.created_at)
        repairs += post(session, Posting(kind, moved.id, abs(moved.amount), *shared))
        post(session, Posting(Kind.FEE, moved.id, moved.fee, *shared))
    return repairs


def _kept_dispute(session: Session, record: DisputeRecord, donation_id: str | None) -> Dispute:
    """Return the row of a dispute; a new row has no status yet."""
    known = session.get(Dispute, record.id)
    if known is None:
        known = Dispute(
            id=record.id,
            donation_id=donation_id,
            payment_id=record.payment_id,
            amount=record.amount,
            currency=record.currency,
            reason=record.reason,
            opened_at=record.created_at,
            status="",
        )
        session.add(known)
    return known


@book.register
def _payout(record: PayoutRecord, session: Session) -> int:
    shared = (record.id, record.amount, record.currency, None, record.created_at)
    post(session, Posting(Kind.PAYOUT, *shared))
    if record.has_failed:
        post(session, Posting(Kind.PAYOUT_FAILURE, *shared))
    return 0


def _report_dispute(
    session: Session, record: DisputeRecord, donation_id: str | None, *, is_new: bool
) -> None:
    fields = {
        "dispute_id": record.id,
        "donation_id": donation_id,
        "status": record.status,
        "respond_by": record.respond_by and f"{record.respond_by:%Y-%m-%d}",
    }
    if is_new:
        logger.error("Donation disputed", extra=fields)
        announce_dispute(session, record, donation_id, "opened")
    if record.is_closed:
        announce_dispute(session, record, donation_id, record.status)
        level = logging.INFO if record.status == "won" else logging.WARNING
        logger.log(level, "Dispute closed", extra=fields)


def _donation_of(
    session: Session, payment_id: str, donation_id: str | None = None
) -> Donation | None:
    donation = session.get(Donation, donation_id) if donation_id else None
    return donation or session.scalar(select(Donation).where(Donation.payment_id == payment_id))


def _stray(session: Session, record: ChargeRecord, kind: str, donation_id: str | None) -> int:
    """Record a charge that no donation needs; people must decide whether to refund it."""
    _posted(session, Kind.STRAY_CHARGE, record, record.payment_id, None)
    _post_fee(session, record, None)
    if record.refunded < record.amount:
        note(session, kind, record, donation_id)
    return 0


def _posted(
    session: Session,
    kind: Kind,
    record: ChargeRecord | RefundRecord,
    source: str,
    donation_id: str | None,
) -> int:
    """Post or correct an amount; return 1 if the ledger had another or none."""
    shared = (record.amount, record.currency, donation_id, record.created_at)
    posting = Posting(kind, source, *shared)
    return int(post(session, posting) or correct(session, posting) != 0)


def _post_fee(session: Session, record: ChargeRecord, donation_id: str | None) -> None:
    shared = (record.fee, record.currency, donation_id, record.created_at)
    post(session, Posting(Kind.FEE, record.id, *shared))
