"""SES's reports: what was sent is noted, and who cannot or will not have mail gets none.

A report that a mail was sent closes the attempt of a worker that died before it could note that.
"""

import logging
import time
from collections.abc import Callable, Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from amply.database.base import now
from amply.database.leases import RELEASED
from amply.donations.receipt import Receipt
from amply.mail.events import MailEvent, MailEvents, Outcome
from amply.suppressions.addresses import suppress
from amply.suppressions.models import Reason

logger = logging.getLogger(__name__)

READ_SECONDS = 40.0  # pragma: no mutate - a choice
"""How long one task reads; its last ten events take some seconds more. The next tick goes on."""

_REASONS = {Outcome.BOUNCED: Reason.BOUNCE, Outcome.COMPLAINED: Reason.COMPLAINT}


def read_reports(
    sessions: sessionmaker[Session],
    events: MailEvents,
    seconds: float = READ_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Apply SES's events until none is left, or for some seconds. Raise botocore's errors."""
    stop_at = clock() + seconds
    while clock() < stop_at:
        if not events.take(lambda batch: _apply_all(sessions, batch)):
            return


def _apply_all(sessions: sessionmaker[Session], batch: Sequence[MailEvent]) -> None:
    with sessions.begin() as session:
        for event in batch:
            apply(session, event)


def apply(session: Session, event: MailEvent) -> None:
    """Apply an event in the caller's transaction. Repeating it changes nothing."""
    if event.outcome is not Outcome.OTHER and event.key is not None:
        _note_as_sent(session, event.key, event.message_id)  # what bounced was sent as well
    for address in event.addresses:
        if suppress(session, address, _REASONS[event.outcome], event.detail):
            fields = {"key": event.key, "reason": _REASONS[event.outcome], "detail": event.detail}
            logger.warning("Address suppressed", extra=fields)
    if event.outcome is Outcome.BOUNCED and not event.addresses:
        logger.info("Mail delayed", extra={"key": event.key, "detail": event.detail})


def _note_as_sent(session: Session, key: str, message_id: str | None) -> None:
    donation_id, _, copy = key.partition("-")
    if copy and not copy.isdecimal():  # of another mail about the donation
        return
    open_attempt = update(Receipt).where(
        Receipt.donation_id == donation_id,
        Receipt.copies == int(copy or 0),
        Receipt.attempted_at.is_not(None),
        Receipt.sent_at.is_(None),
    )
    session.execute(open_attempt.values(sent_at=now(), message_id=message_id, **RELEASED))
