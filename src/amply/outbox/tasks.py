"""Send what the API left behind."""

import logging
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from amply.database import now
from amply.outbox.models import OutboxMessage
from amply.outbox.relay import Publish

logger = logging.getLogger(__name__)

_LEFT_BEHIND = timedelta(seconds=10)  # younger messages are still in the hands of the API
_AT_ONCE = 10  # as many as SQS takes in a call


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


def sweep(sessions: sessionmaker[Session], publish: Publish) -> None:
    """Send what was left behind, oldest first, until there is no more or the queue takes no more.

    Two sweeps share the work on PostgreSQL (SKIP LOCKED) and may send the same message on SQLite.
    """
    sent = 0
    while taken := _sweep_once(sessions, publish):
        sent += taken
    if sent:
        logger.warning("Messages sent that were left behind", extra={"count": sent})


def _sweep_once(sessions: sessionmaker[Session], publish: Publish) -> int:
    left_behind = (
        select(OutboxMessage)
        .where(OutboxMessage.created_at < now() - _LEFT_BEHIND)
        .order_by(OutboxMessage.created_at)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    with sessions.begin() as session:
        messages = session.scalars(left_behind).all()
        if not messages:
            return 0
        taken = publish(messages)
        session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(taken)))
        return len(taken)
