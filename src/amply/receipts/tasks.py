"""Send a receipt. May be run any number of times for a donation, and sends one."""

import logging
import time
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from amply.database import now
from amply.donations.models import Donation
from amply.donations.repository import message_about
from amply.errors import StillClaimed
from amply.jobs.names import SEND_RECEIPT
from amply.leases import RELEASED, Attempt, is_free
from amply.mail.mailer import Mail, Mailer
from amply.money import written
from amply.receipts.models import Receipt

logger = logging.getLogger(__name__)

_WORTH_TRYING = timedelta(days=3)  # an address that is refused so long will not be taken any more
_AT_ONCE = 100
_GIVEN_UP = "given up"
"""In place of an attempt: that there is none any more. The row is free all the same."""

_PAUSES_SECONDS = (1.0, 2.0, 4.0)


def send_receipt(
    sessions: sessionmaker[Session], mailer: Mailer, donation_id: str, attempt: Attempt
) -> None:
    """Send the donor's receipt, with no transaction open while the mailer is at it.

    Raises MailUnavailable when it was not taken, StillClaimed when another attempt is at it.
    A mailer that does not know `Mail.key` sends a second one where its answer is lost, or the
    commit after it: docs/decisions/0006-receipts.md.
    """
    with sessions.begin() as session:
        mail = _claim(session, donation_id, attempt)
    if mail is None:
        _let_others_finish(sessions, donation_id)
        return
    try:
        mailer.send(mail)
    except Exception:
        _update(sessions, donation_id, attempt, **RELEASED)
        raise
    _note_as_sent(sessions, donation_id, attempt)
    logger.info("Receipt sent", extra={"donation_id": donation_id})


def _claim(session: Session, donation_id: str, attempt: Attempt) -> Mail | None:
    claimed = update(Receipt).where(
        Receipt.donation_id == donation_id,
        Receipt.sent_at.is_(None),
        is_free(Receipt.claimed_until),
    )
    if session.scalar(claimed.values(**attempt.claim()).returning(Receipt)) is None:
        return None
    return _mail_about(session.get_one(Donation, donation_id))


def _let_others_finish(sessions: sessionmaker[Session], donation_id: str) -> None:
    with sessions() as session:
        receipt = session.get(Receipt, donation_id)
    if receipt is not None and receipt.sent_at is None:
        raise StillClaimed(f"The receipt of {donation_id} is in the hands of another attempt")
    logger.info("No receipt to send", extra={"donation_id": donation_id})


def recover_receipts(sessions: sessionmaker[Session], stuck_after: timedelta) -> None:
    """Send again the messages of receipts that were not sent, for three days; then say so."""
    stuck = (
        select(Receipt)
        .where(
            Receipt.sent_at.is_(None),
            Receipt.queued_at < now() - stuck_after,
            func.coalesce(Receipt.claimed_by, "") != _GIVEN_UP,
            is_free(Receipt.claimed_until),
        )
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    recovered, found = 0, _AT_ONCE
    while found == _AT_ONCE:  # each is queued again or given up, and not found again
        with sessions.begin() as session:
            receipts = session.scalars(stuck).all()
            recovered += sum(_sent_again(session, receipt) for receipt in receipts)
        found = len(receipts)
    if recovered:
        logger.warning("Receipts recovered that were stuck", extra={"count": recovered})


def _sent_again(session: Session, receipt: Receipt) -> bool:
    if receipt.created_at < now() - _WORTH_TRYING:
        receipt.claimed_by = _GIVEN_UP
        logger.error("Receipt given up", extra={"donation_id": receipt.donation_id})
        return False
    session.add(message_about(receipt.donation_id, SEND_RECEIPT))
    receipt.queued_at = now()
    return True


def _note_as_sent(sessions: sessionmaker[Session], donation_id: str, attempt: Attempt) -> None:
    """Patiently, should the database be away: what is not noted is sent again."""
    for pause in _PAUSES_SECONDS:
        try:
            _update(sessions, donation_id, attempt, sent_at=now(), **RELEASED)
        except OperationalError:
            time.sleep(pause)
        else:
            return
    _update(sessions, donation_id, attempt, sent_at=now(), **RELEASED)


def _update(
    sessions: sessionmaker[Session], donation_id: str, attempt: Attempt, **values: object
) -> None:
    held = update(Receipt).where(
        Receipt.donation_id == donation_id, Receipt.claimed_by == attempt.id
    )
    with sessions.begin() as session:
        session.execute(held.values(**values))


def _mail_about(donation: Donation) -> Mail:
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
        key=donation.id,
        to=donation.donor_email,
        subject="Your donation",
        text="\n".join([*lines, "", "Amply", ""]),
    )
