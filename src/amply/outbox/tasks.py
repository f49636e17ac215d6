"""Send the messages that the API did not."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select, tuple_
from sqlalchemy.orm import Session, sessionmaker

from amply.database.base import now
from amply.outbox.models import OutboxMessage
from amply.outbox.relay import MOST_IN_A_CALL, Publish

logger = logging.getLogger(__name__)

_LEFT_BEHIND = timedelta(seconds=10)  # younger messages are still in the hands of the API


def run_here(
    sessions: sessionmaker[Session], message: OutboxMessage, run: Callable[[], None]
) -> None:
    """Run the task of a committed message at once, and delete the message.

    If the task fails, the sweep sends the message.
    """
    try:
        run()
        with sessions.begin() as session:
            session.execute(delete(OutboxMessage).where(OutboxMessage.id == message.id))
    except Exception:
        logger.warning("Message left for the sweep", extra={"outbox_id": message.id}, exc_info=True)


def sweep(sessions: sessionmaker[Session], publish: Publish) -> None:
    """Send waiting messages, oldest first, each once.

    A message that the queue refuses waits for the next sweep and does not block later ones; an
    error of the whole call ends the sweep. Two sweeps share the work on PostgreSQL (SKIP LOCKED)
    and may send the same message on SQLite.
    """
    sent = 0
    messages = _left_behind(now() - _LEFT_BEHIND)
    last: OutboxMessage | None = None
    while True:
        with sessions.begin() as session:
            batch = session.scalars(_after(last, messages)).all()
            if not batch:
                break
            taken = publish(batch)
            session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(taken)))
        sent += len(taken)
        last = batch[-1]
    if sent:
        logger.warning("Messages sent that were left behind", extra={"count": sent})


def _left_behind(before: datetime) -> Select[OutboxMessage]:
    return (
        select(OutboxMessage)
        .where(OutboxMessage.created_at < before)
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
        .limit(MOST_IN_A_CALL)
        .with_for_update(skip_locked=True)
    )


def _after(last: OutboxMessage | None, messages: Select[OutboxMessage]) -> Select[OutboxMessage]:
    if last is None:
        return messages
    place = tuple_(OutboxMessage.created_at, OutboxMessage.id)
    return messages.where(place > (last.created_at, last.id))
