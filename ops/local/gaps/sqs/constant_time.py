"""Queues with calls whose time does not depend on the number of messages.

AWS: a standard queue takes "a nearly unlimited number of API calls per second", and its depth
does not slow down a call. A message is received by one consumer at a time until its visibility
timeout.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html

moto: every call reads every message of the queue, several times: a send and a receive to count them
for attributes that nobody requested, a delete to find the receipt handle. Five thousand
messages take hours. Two calls at once may receive the same message.

Closed by an index of the messages of a standard queue: visible ones, hidden ones with their
times, and the message of each receipt handle. FIFO queues stay moto's.
"""

from __future__ import annotations

import heapq
import itertools
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from moto.core.utils import unix_time_millis
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Message, Queue, SQSBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_received: WeakValueDictionary[str, Message] = WeakValueDictionary()
"""The message of each receipt handle ever given for it."""


class _Messages:
    """A replacement for a queue's list of messages."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._waiting: dict[str, Message] = {}  # in the order in which they became visible
        self._in_flight: dict[str, Message] = {}
        self._delayed: dict[str, Message] = {}
        self._due: list[tuple[float, int, Message]] = []
        self._numbers = itertools.count()
        for message in messages:
            self.append(message)

    def __iter__(self) -> Iterator[Message]:
        for messages in (self._waiting, self._in_flight, self._delayed):
            yield from list(messages.values())

    def __contains__(self, message: Message) -> bool:
        return any(message.id in those for those in (self._waiting, self._in_flight, self._delayed))

    def append(self, message: Message) -> None:
        """Add a message, or update one whose visibility was changed."""
        with suppress(ValueError):
            self.remove(message)
        until = max(message.visible_at, message.delayed_until)
        if until <= unix_time_millis():
            self._waiting[message.id] = message
        else:
            (self._delayed if message.delayed else self._in_flight)[message.id] = message
            heapq.heappush(self._due, (until, next(self._numbers), message))

    def remove(self, message: Message) -> None:
        """Remove a message; raise ValueError for an unknown one, as a list does."""
        for those in (self._waiting, self._in_flight, self._delayed):
            if those.pop(message.id, None):
                return
        raise ValueError(message.id)

    def settle(self) -> None:
        """Hide received messages, and show those whose timeout has passed."""
        while self._waiting and not (first := next(iter(self._waiting.values()))).visible:
            self.append(first)
        while self._due and self._due[0][0] < unix_time_millis():
            _, _, message = heapq.heappop(self._due)
            # Deleted, or to be shown at another time: that has an entry of its own.
            if message in self and message.visible and not message.delayed:
                self.append(message)

    def counts(self) -> tuple[int, int, int]:
        """Return how many are visible, in flight, and delayed."""
        self.settle()
        return len(self._waiting), len(self._in_flight), len(self._delayed)

    def visible(self) -> _Visible:
        """Return the messages that may be received."""
        self.settle()
        return _Visible(self._waiting)


class _Visible:
    """A list of messages for code that reads its beginning or its length."""

    def __init__(self, messages: dict[str, Message]) -> None:
        self._messages = messages

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages.values())


def close() -> None:
    """Replace the list with the index. A second call has no effect."""
    if isinstance(vars(Queue).get("_messages"), property):
        return
    Queue._messages = property(_indexed, _index)  # type: ignore[assignment]
    _for_standard_queues("messages", lambda queue: queue._messages.visible())
    for place, name in enumerate(("", "_not_visible", "_delayed")):
        _for_standard_queues(f"approximate_number_of_messages{name}", _count(place))
    _note_receipt_handles()
    _use_receipt_handles()
    SQSBackend.is_message_valid_based_on_retention_period = _is_retained  # type: ignore[method-assign]
    _one_at_a_time("receive_message")
    _one_at_a_time("delete_message")
    _one_at_a_time("change_message_visibility")
    _one_at_a_time("get_queue_attributes")


def _is_retained(self: SQSBackend, queue_name: str, message: Any) -> bool:
    """Repeat moto's check without reading all attributes, because that counts messages during a
    receive.
    """
    retained_seconds: int = self.get_queue(queue_name).message_retention_period  # type: ignore[attr-defined]
    sent_at: float = message.sent_timestamp
    return sent_at + retained_seconds * 1000 > unix_time_millis()


def _index(queue: Queue, messages: Iterable[Message]) -> None:
    vars(queue)["_indexed"] = _Messages(messages)


def _indexed(queue: Queue) -> Any:
    if "_indexed" not in vars(queue):  # made before the gap was closed
        _index(queue, vars(queue)["_messages"])
    return vars(queue)["_indexed"]


def _count(place: int) -> Callable[[Any], int]:
    def count(queue: Any) -> int:
        with queue._messages_lock:
            number: int = queue._messages.counts()[place]
            return number

    return count


def _for_standard_queues(name: str, ours: Callable[[Any], Any]) -> None:
    theirs = vars(Queue)[name].fget
    setattr(Queue, name, property(lambda q: theirs(q) if q.fifo_queue else ours(q)))


def _note_receipt_handles() -> None:
    original = Message.mark_received

    def mark_received(self: Message, visibility_timeout: int | None = None) -> None:
        original(self, visibility_timeout)
        if self.receipt_handle:
            _received[self.receipt_handle] = self

    Message.mark_received = mark_received  # type: ignore[method-assign]


def _use_receipt_handles() -> None:
    """Pass moto a list of only the message that the handle belongs to."""
    original_delete = Queue.delete_message
    original_change = SQSBackend.change_message_visibility

    def delete_message(self: Any, receipt_handle: str) -> None:
        message = _received.get(receipt_handle)
        if self.fifo_queue or receipt_handle in self.deleted_messages:
            original_delete(self, receipt_handle)
            return
        if message is None or message not in self._messages:
            raise ReceiptHandleIsInvalid
        self._messages.remove(message)
        self.pending_messages.discard(message)
        self.deleted_messages.update(message.all_receipt_handles)

    def change_message_visibility(
        self: Any, queue_name: str, receipt_handle: str, visibility_timeout: int
    ) -> None:
        queue, message = self.get_queue(queue_name), _received.get(receipt_handle)
        if queue.fifo_queue:
            original_change(self, queue_name, receipt_handle, visibility_timeout)
            return
        if message is None or message not in queue._messages:
            raise ReceiptHandleIsInvalid
        everything = queue._messages
        vars(queue)["_indexed"] = [message]
        try:
            original_change(self, queue_name, receipt_handle, visibility_timeout)
        finally:
            vars(queue)["_indexed"] = everything
        everything.append(message)

    Queue.delete_message = delete_message  # type: ignore[method-assign]
    SQSBackend.change_message_visibility = change_message_visibility  # type: ignore[method-assign]


def _one_at_a_time(operation: str) -> None:
    """Hold the queue's lock for a call; moto releases it while it waits for messages."""
    original = getattr(SQSBackend, operation)

    def locked(self: SQSBackend, queue_name: str, *arguments: Any, **named: Any) -> Any:
        with self.get_queue(queue_name)._messages_lock:
            return original(self, queue_name, *arguments, **named)

    setattr(SQSBackend, operation, locked)
