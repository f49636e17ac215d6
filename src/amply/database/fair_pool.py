"""A connection pool that serves requests in the order in which they came.

SQLAlchemy's pool for asyncio gives a returned connection to the next request, even if others have
been waiting: those go to the end of the line again. Under load most requests are faster for it, and
one in a hundred waits several times as long.
"""

import asyncio
from collections import deque
from typing import Generic, TypeVar

from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only
from sqlalchemy.util.queue import Empty, Full, QueueCommon

_T = TypeVar("_T")


class _FairQueue(QueueCommon[_T], Generic[_T]):
    """A queue that hands each item to the request that has waited longest."""

    def __init__(self, maxsize: int = 0, use_lifo: bool = False) -> None:  # noqa: FBT001, FBT002
        self.maxsize = maxsize
        self.use_lifo = use_lifo
        self._items: deque[_T] = deque()
        self._waiting: deque[asyncio.Future[_T]] = deque()

    def empty(self) -> bool:
        return not self._items

    def full(self) -> bool:
        return 0 < self.maxsize <= len(self._items)

    def qsize(self) -> int:
        return len(self._items)

    def put_nowait(self, item: _T) -> None:
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():
                first.set_result(item)
                return
        if self.full():
            raise Full
        self._items.append(item)

    def put(self, item: _T, block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002, FBT001, FBT002
        self.put_nowait(item)  # the pool never waits for room

    def get_nowait(self) -> _T:
        if not self._items:
            raise Empty
        return self._items.pop() if self.use_lifo else self._items.popleft()

    def get(self, block: bool = True, timeout: float | None = None) -> _T:  # noqa: FBT001, FBT002
        if self._items or not block:
            return self.get_nowait()
        try:
            return await_only(self._turn(timeout))
        except TimeoutError as error:
            raise Empty from error

    async def _turn(self, timeout: float | None) -> _T:  # noqa: ASYNC109 - the pool's own
        first: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._waiting.append(first)
        try:
            async with asyncio.timeout(timeout):
                return await first
        except (TimeoutError, asyncio.CancelledError):
            if first.done() and not first.cancelled():
                self.put_nowait(first.result())  # it came too late for this one
            raise


class FairPool(AsyncAdaptedQueuePool):
    """A pool for an asynchronous engine, first come, first served."""

    _queue_class = _FairQueue  # type: ignore[assignment]  # another of SQLAlchemy's own queues
