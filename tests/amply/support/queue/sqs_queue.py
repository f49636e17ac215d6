"""A queue with SQS's behaviour and operations in constant time. Used from one event loop."""

import asyncio
import heapq
import itertools
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Optional
from uuid import uuid4


class NotThere(Exception):  # noqa: N818 - reads as what happened
    """An unusable receipt handle; the text is SQS's error code."""


@dataclass
class Message:
    """A message and its state."""

    body: str
    id: str = field(default_factory=lambda: str(uuid4()))
    receives: int = 0
    handle: str | None = None
    is_deleted: bool = False
    hidden_until: float = 0.0  # by the monotonic clock


class Queue:
    """Visible messages, and messages that are hidden until a time."""

    def __init__(
        self,
        visibility_timeout: float,
        dead: Optional["Queue"] = None,
        max_receives: int = 0,
    ) -> None:
        self.visibility_timeout = visibility_timeout
        self.max_receives = max_receives
        self._dead = dead
        self._waiting: deque[Message] = deque()
        self._hidden: list[tuple[float, int, Message]] = []
        self._by_handle: dict[str, Message] = {}
        self._numbers = itertools.count()
        self._receivers: deque[asyncio.Future[None]] = deque()

    @property
    def visible(self) -> int:
        """Return how many messages are visible."""
        self._show_what_is_due()
        return len(self._waiting)

    @property
    def bodies(self) -> Sequence[str]:
        """The bodies of the messages that wait."""
        return [message.body for message in self._waiting]

    @property
    def in_flight(self) -> int:
        """Return how many messages are in flight."""
        self._show_what_is_due()
        return sum(
            message.handle == handle and not message.is_deleted
            for handle, message in self._by_handle.items()
        )

    def send(self, body: str, delay: float = 0) -> Message:
        """Put a message into the queue, hidden for `delay` seconds."""
        message = Message(body)
        if delay:
            self._hide(message, delay)
        else:
            self._show(message)
        return message

    async def receive(self, most: int, wait_seconds: float) -> list[tuple[str, Message]]:
        """Return up to `most` messages with new receipt handles; wait for the first one."""
        deadline = time.monotonic() + wait_seconds
        while not (received := self._take(most)):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            await self._change(left)
        return received

    def delete(self, handle: str) -> None:
        """Delete a message; as in SQS, an older handle works too."""
        message = self._by_handle.pop(handle, None)
        if message is None:
            raise NotThere("ReceiptHandleIsInvalid")
        message.is_deleted = True

    def change_visibility(self, handle: str, seconds: float) -> None:
        """Hide a message that is in flight for so many seconds from now."""
        self._show_what_is_due()
        message = self._by_handle.get(handle)
        if message is None or message.handle != handle:
            raise NotThere("MessageNotInflight")
        self._hide(message, seconds)

    def _take(self, most: int) -> list[tuple[str, Message]]:
        self._show_what_is_due()
        taken: list[tuple[str, Message]] = []
        while self._waiting and len(taken) < most:
            message = self._waiting.popleft()
            if message.is_deleted:
                continue
            if self._dead is not None and message.receives >= self.max_receives:
                self._dead.send(message.body)
                continue
            message.receives += 1
            handle = message.handle = uuid4().hex
            self._by_handle[handle] = message
            self._hide(message, self.visibility_timeout)
            taken.append((handle, message))
        return taken

    def _hide(self, message: Message, seconds: float) -> None:
        message.hidden_until = time.monotonic() + seconds
        heapq.heappush(self._hidden, (message.hidden_until, next(self._numbers), message))

    def _show(self, message: Message) -> None:
        message.handle = None
        self._waiting.append(message)
        while self._receivers:
            receiver = self._receivers.popleft()
            if not receiver.done():
                receiver.set_result(None)
                break

    def _show_what_is_due(self) -> None:
        now = time.monotonic()
        while self._hidden and self._hidden[0][0] <= now:
            due, _, message = heapq.heappop(self._hidden)
            # An entry of before the message's visibility was changed says nothing any more.
            if due == message.hidden_until and not message.is_deleted:
                self._show(message)

    async def _change(self, longest: float) -> None:
        """Wait until a message may have become visible."""
        next_due = self._hidden[0][0] - time.monotonic() if self._hidden else longest
        receiver = asyncio.get_running_loop().create_future()
        self._receivers.append(receiver)
        with suppress(TimeoutError):
            await asyncio.wait_for(receiver, max(0.0, min(longest, next_due)))
