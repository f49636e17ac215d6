"""Reading messages that stay in their queue.

SQS cannot show a message without delivering it: meanwhile its consumer does not get it, and its
delivery count increases.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from ops.oncall.queue.message import Message

AT_ONCE = 10  # the most messages that one call of SQS takes
_HIDDEN_FOR = 120  # seconds, in case this process dies
_IN_VAIN = 3  # receives in a row that bring only what is held already


def is_fifo(name: str) -> bool:
    """Return whether a queue is FIFO: holding one message blocks the rest of its group.

    So only the first messages of each group can be read, at most as many as one receive call
    returns.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
    """
    return name.endswith(".fifo")


class Shelf(Protocol):
    """The calls that receive messages and make them visible again; queues by name."""

    def receive(self, name: str, count: int, hidden_for: int) -> list[Message]:
        """Receive up to ten messages, hidden for some seconds."""

    def release(self, name: str, messages: Sequence[Message]) -> None:
        """Make the held messages visible again immediately."""


class Held:
    """The messages of a queue, each once; all stay hidden until `release`."""

    def __init__(self, shelf: Shelf, name: str) -> None:
        self._shelf = shelf
        self._name = name
        self._held: dict[str, Message] = {}
        self._seen: set[str] = set()

    def more(self, count: int) -> list[Message]:
        """Receive up to `count` new messages, at most ten; return none if there are no more."""
        # When their time is over, all that are held show up again before any other may.
        for _ in range(_IN_VAIN + len(self._held) // 2):
            received = self._shelf.receive(self._name, min(count, AT_ONCE), _HIDDEN_FOR)
            # One that shows up again has a new handle, and only the newest one counts.
            self._held |= {message.id: message for message in received}
            new = [message for message in received if message.id not in self._seen]
            self._seen.update(message.id for message in new)
            if new or not received:
                return new
        return []

    def know(self, ids: Sequence[str]) -> None:
        """Mark these messages as seen, in case they are received again."""
        self._seen.update(ids)

    def forget(self, messages: Sequence[Message]) -> None:
        """Stop holding these messages, which have left the queue."""
        for message in messages:
            self._held.pop(message.id, None)

    def release(self) -> None:
        """Make all messages visible again that are still in the queue."""
        held, self._held = list(self._held.values()), {}
        if held:
            self._shelf.release(self._name, held)


@contextmanager
def looked_at(
    shelf: Shelf, name: str, most: int, tell: Callable[[int], None] = lambda _: None
) -> Iterator[list[Message]]:
    """Hold up to `most` messages of a queue inside the block; `tell` receives their number as they
    arrive.
    """
    held = Held(shelf, name)
    messages: list[Message] = []
    try:
        while len(messages) < most and (new := held.more(most - len(messages))):
            messages += new
            tell(len(new))
        yield messages
    finally:
        held.release()
