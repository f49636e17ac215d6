"""Send outbox messages from the API as soon as their transaction is committed.

What is not sent here, because the process died or the queue did not answer, stays in the table and
is sent by `outbox.tasks.sweep`. Sending twice is possible and harmless: tasks are idempotent.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context

from sqlalchemy import bindparam, delete
from sqlalchemy.ext.asyncio import AsyncEngine

from amply.outbox.models import OutboxMessage

logger = logging.getLogger(__name__)

Publish = Callable[[Sequence[OutboxMessage]], set[str]]
"""Sends messages, and gives the ids of those that the queue took."""

MOST_IN_A_CALL = 10  # SendMessageBatch takes no more

_SECONDS_TO_FILL = 0.03  # between batches, so that under load ten messages cost one call
_MOST_WAITING = 10_000  # some 10 MB; more are left to the sweep; pragma: no mutate - a choice
_SECONDS_TO_FINISH = 10.0  # pragma: no mutate - a choice

_FORGET = delete(OutboxMessage).where(OutboxMessage.id.in_(bindparam("taken")))


class Relay:
    """Sends messages outside of the event loop, in batches of all that arrived during
    the last one.
    """

    def __init__(self, engine: AsyncEngine, publish: Publish) -> None:
        # One statement is a transaction of its own: it needs no BEGIN and no COMMIT.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._publish = publish
        threads = 1  # pragma: no mutate - each call ends before the next
        self._thread = ThreadPoolExecutor(threads, thread_name_prefix="outbox")
        self._waiting: deque[OutboxMessage] = deque()
        self._pump: asyncio.Task[None] | None = None

    def send_soon(self, message: OutboxMessage) -> None:
        """Send a message that has been committed, without making the caller wait."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(message)
        if self._pump is None or self._pump.done():
            # Not in the context of one request: it sends for many.
            self._pump = asyncio.get_running_loop().create_task(self._run(), context=Context())

    async def idle(self) -> None:
        """Wait a little for messages in progress."""
        if self._pump:
            await asyncio.wait([self._pump], timeout=_SECONDS_TO_FINISH)

    async def close(self) -> None:
        """Send what can be sent; the sweep sends the rest."""
        await self.idle()
        self._thread.shutdown(wait=False)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            count = min(MOST_IN_A_CALL, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(count)]
            try:
                taken = await loop.run_in_executor(self._thread, self._publish, batch)
                async with self._engine.connect() as connection:
                    await connection.execute(_FORGET, {"taken": list(taken)})
            except Exception:
                left = len(batch) + len(self._waiting)
                self._waiting.clear()  # what failed for one batch will not work for the next
                logger.warning("Messages left for the sweep", extra={"count": left}, exc_info=True)
            if 0 < len(self._waiting) < MOST_IN_A_CALL:
                await asyncio.sleep(_SECONDS_TO_FILL)
