"""Send outbox messages from the API as soon as their transaction is committed.

What is not sent here, because the process died or the queue did not answer, stays in the table and
is sent by `outbox.tasks.sweep`. Sending twice is possible and harmless: tasks are idempotent.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from amply.outbox.models import OutboxMessage

logger = logging.getLogger(__name__)

Send = Callable[[OutboxMessage], None]

_SENDERS = 4  # sending waits for the network, so threads of a half-CPU task can share
_SECONDS_TO_FINISH = 10.0


class Relay:
    """Sends off the event loop; made and closed with the application."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], send: Send) -> None:
        self._sessions = sessions
        self._send = send
        self._threads = ThreadPoolExecutor(_SENDERS, thread_name_prefix="outbox")
        self._under_way: set[asyncio.Task[None]] = set()

    def send_soon(self, message: OutboxMessage) -> None:
        """Send a message that has been committed, without making the caller wait."""
        task = asyncio.create_task(self._send_and_forget(message))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def idle(self) -> None:
        """Wait a little for what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_SECONDS_TO_FINISH)

    async def close(self) -> None:
        """Finish what can be finished; the sweep sends the rest."""
        await self.idle()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _send_and_forget(self, message: OutboxMessage) -> None:
        try:
            run = copy_context().run
            await asyncio.get_running_loop().run_in_executor(
                self._threads, run, self._send, message
            )
            async with self._sessions.begin() as session:
                await session.execute(delete(OutboxMessage).where(OutboxMessage.id == message.id))
        except Exception:
            logger.warning(
                "Message left for the sweep", extra={"outbox_id": message.id}, exc_info=True
            )
