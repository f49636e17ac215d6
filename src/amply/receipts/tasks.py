"""Send receipts. A task may be repeated, and sends each receipt once."""

import logging
import time
from datetime import timedelta

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import MailRefused, MailUnavailable, MailUncertain
from amply.base.money import written
from amply.base.task_names import SEND_RECEIPT
from amply.database.base import now
from amply.database.leases import RELEASED, Attempt, Job, is_free
from amply.donations.models import Donation, Status
from amply.donations.receipt import Receipt
from amply.donations.repository import message_about
from amply.mail.mailer import Mail, Mailer

logger = logging.getLogger(__name__)

_WORTH_TRYING = timedelta(days=3)  # an address that is refused so long will not be taken any more
_AT_ONCE = 100  # pragma: no mutate - a choice
GIVEN_UP = "given up"
"""In place of an attempt: there will be none. The row is free all the same."""

IS_DUE = and_(Receipt.sent_at.is_(None), func.coalesce(Receipt.claimed_by, "") != GIVEN_UP)
"""The condition that a receipt is still to be sent."""

_PAUSES_SECONDS = (1.0, 2.0, 4.0)  # pragma: no mutate - a choice


def send_receipt(
    sessions: sessionmaker[Session],
    mailer: Mailer,
    donation_id: str,
    attempt: Attempt,
    patience: timedelta = timedelta(0),
) -> None:
    """Send the donor's receipt, with no transaction open while the mailer works.

    Send none for a donation that was refunded meanwhile, nor to an address that is rejected. Raise
    MailUnavailable if it was not accepted, and StillClaimed if another attempt holds it.
    An attempt that came to no end may have sent it. For so long as `patience` after it nothing is
    sent: the mailer's report of it may come (`receipts.reports`), else `recover_receipts` asks
    again. What remains: docs/decisions/0006-receipts.md.
    """
    with sending(donation_id, patience).claimed(sessions, attempt) as receipt:
        if receipt is None:
            return
        with sessions() as session:
            donation = session.get_one(Donation, donation_id)
        if donation.status != Status.SUCCEEDED:  # refunded meanwhile
            _give_up(sessions, donation_id, attempt, "refunded")
            return
        try:
            message_id = mailer.send(_mail_about(donation, receipt))
        except MailRefused as refused:
            _give_up(sessions, donation_id, attempt, str(refused))
            return
        except MailUncertain:
            raise
        except MailUnavailable:
            _note(sessions, donation_id, attempt, attempted_at=None)
            raise
    _note_as_sent(sessions, donation_id, attempt, message_id)
    logger.info("Receipt sent", extra={"donation_id": donation_id})


def sending(donation_id: str, patience: timedelta) -> Job[Receipt]:
    """Return the job of sending a receipt, unless an attempt may have sent it a moment ago."""
    moment = now()
    is_over = or_(Receipt.attempted_at.is_(None), Receipt.attempted_at <= moment - patience)
    is_receipt = Receipt.donation_id == donation_id
    changes = {"attempted_at": moment}
    return Job(f"Receipt of {donation_id}", Receipt, is_receipt, and_(IS_DUE, is_over), changes)


def _give_up(
    sessions: sessionmaker[Session], donation_id: str, attempt: Attempt, reason: str
) -> None:
    """Record that no receipt will be sent for this donation."""
    _note(sessions, donation_id, attempt, claimed_by=GIVEN_UP, claimed_until=None)
    logger.warning("Receipt not sent", extra={"donation_id": donation_id, "reason": reason})


def recover_receipts(sessions: sessionmaker[Session], stuck_after: timedelta) -> None:
    """Send the messages of unsent receipts again, for three days; then log an error."""
    stuck = (
        select(Receipt)
        .where(
            IS_DUE,
            Receipt.queued_at < now() - stuck_after,
            is_free(Receipt.claimed_until),
        )
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    recovered, batch_size = 0, _AT_ONCE
    while batch_size == _AT_ONCE:  # each is queued again or given up, and not found again
        with sessions.begin() as session:
            receipts = session.scalars(stuck).all()
            recovered += sum(_sent_again(session, receipt) for receipt in receipts)
        batch_size = len(receipts)
    if recovered:
        logger.warning("Receipts recovered that were stuck", extra={"count": recovered})


def _sent_again(session: Session, receipt: Receipt) -> bool:
    if receipt.created_at < now() - _WORTH_TRYING:
        receipt.claimed_by = GIVEN_UP
        logger.error("Receipt given up", extra={"donation_id": receipt.donation_id})
        return False
    session.add(message_about(receipt.donation_id, SEND_RECEIPT))
    receipt.queued_at = now()
    return True


def _note_as_sent(
    sessions: sessionmaker[Session], donation_id: str, attempt: Attempt, message_id: str | None
) -> None:
    """Wait for a database that is away: a receipt that is not noted may be sent again."""
    values = {"sent_at": now(), "message_id": message_id, **RELEASED}
    for pause in _PAUSES_SECONDS:
        try:
            _note(sessions, donation_id, attempt, **values)
        except OperationalError:
            time.sleep(pause)
        else:
            return
    _note(sessions, donation_id, attempt, **values)


def _note(
    sessions: sessionmaker[Session], donation_id: str, attempt: Attempt, **values: object
) -> None:
    held = update(Receipt).where(
        Receipt.donation_id == donation_id, Receipt.claimed_by == attempt.id
    )
    with sessions.begin() as session:
        session.execute(held.values(**values))


def key_of(donation_id: str, copy: int) -> str:
    """Return the key of a receipt's mail: the donation's id, with the number of a later copy."""
    return f"{donation_id}-{copy}" if copy else donation_id


def _mail_about(donation: Donation, receipt: Receipt) -> Mail:
    lines = [
        f"Dear {donation.donor_name or 'donor'},",
        "",
        f"thank you for your donation of {written(donation.amount, donation.currency)}.",
        "",
        f"Donation: {donation.id}",
        f"Date:     {donation.created_at:%Y-%m-%d}",
    ]
    if donation.campaign:
        lines.append(f"Campaign: {donation.campaign}")
    return Mail(
        key=key_of(donation.id, receipt.copies),
        to=donation.donor_email,
        subject="Your donation",
        text="\n".join([*lines, "", "Amply", ""]),
    )
