"""Send what the API left behind."""

import logging
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from amply.database import now
from amply.outbox.models import OutboxMessage

logger = logging.getLogger(__name__)

_LEFT_BEHIND = timedelta(seconds=10)  # younger messages are still in the hands of the API
_AT_ONCE = 100


def run_here(
    sessions: sessionmaker[Session], message: OutboxMessage, run: Callable[[], None]
) -> None:
    """Do at once what a committed message asks for, and take the message back.

    It spares the queue a round trip. When it does not succeed the message is sent by the sweep.
    """
    try:
        run()
        with sessions.begin() as session:
            session.execute(delete(OutboxMessage).where(OutboxMessage.id == message.id))
    except Exception:
        logger.warning("Message left for the sweep", extra={"outbox_id": message.id}, exc_info=True)


def sweep(sessions: sessionmaker[Session], send: Callable[[OutboxMessage], None]) -> None:
    """Send the oldest messages, at most 100 of them.

    Two sweeps share the work on PostgreSQL (SKIP LOCKED) and may send the same message on SQLite.
    """
    left_behind = (
        select(OutboxMessage)
        .where(OutboxMessage.created_at < now() - _LEFT_BEHIND)
        .order_by(OutboxMessage.created_at)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    with sessions.begin() as session:
        messages = session.scalars(left_behind).all()
        for message in messages:
            send(message)
            session.execute(delete(OutboxMessage).where(OutboxMessage.id == message.id))
    if messages:
        logger.warning("Messages sent that were left behind", extra={"count": len(messages)})
