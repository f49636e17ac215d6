"""Looking at messages that stay in their queue.

SQS cannot show a message without delivering it: for as long as one looks, its consumer does not
get it, and it counts as delivered once more.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from ops.oncall.queue.message import Message

AT_ONCE = 10  # the most messages that one call of SQS takes
_HIDDEN_FOR = 120  # seconds, should nobody be left to release them
_IN_VAIN = 3  # receives in a row that bring only what is held already


def is_fifo(name: str) -> bool:
    """Whether a queue keeps the order of its groups: whoever holds one message, blocks its group.

    So of each group only the first messages can be looked at, as many as one receive brings.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
    """
    return name.endswith(".fifo")


class Shelf(Protocol):
    """Where messages are received from and shown again; queues by name."""

    def receive(self, name: str, count: int, hidden_for: int) -> list[Message]:
        """Up to ten messages, hidden for some seconds."""

    def release(self, name: str, messages: Sequence[Message]) -> None:
        """Show them again at once."""


class Held:
    """The messages of a queue, one after another, each once; all hidden until `release`."""

    def __init__(self, shelf: Shelf, name: str) -> None:
        self._shelf = shelf
        self._name = name
        self._held: dict[str, Message] = {}
        self._seen: set[str] = set()

    def more(self, count: int) -> list[Message]:
        """Up to `count` that were not there before, at most ten; none when there are no others."""
        # When their time is over, all that are held show up again before any other may.
        for _ in range(_IN_VAIN + len(self._held) // 2):
            received = self._shelf.receive(self._name, min(count, AT_ONCE), _HIDDEN_FOR)
            # One that shows up again has a new handle, and only the newest one counts.
            self._held |= {each.id: each for each in received}
            new = [each for each in received if each.id not in self._seen]
            self._seen.update(each.id for each in new)
            if new or not received:
                return new
        return []

    def know(self, ids: Sequence[str]) -> None:
        """Take these messages for seen, should they turn up."""
        self._seen.update(ids)

    def forget(self, messages: Sequence[Message]) -> None:
        """These have left the queue."""
        for each in messages:
            self._held.pop(each.id, None)

    def release(self) -> None:
        """Show all again that are still there."""
        held, self._held = list(self._held.values()), {}
        if held:
            self._shelf.release(self._name, held)


@contextmanager
def looked_at(
    shelf: Shelf, name: str, most: int, tell: Callable[[int], None] = lambda _: None
) -> Iterator[list[Message]]:
    """Up to `most` messages of a queue, hidden inside the block; `tell` hears how many come."""
    held = Held(shelf, name)
    found: list[Message] = []
    try:
        while len(found) < most and (new := held.more(most - len(found))):
            found += new
            tell(len(new))
        yield found
    finally:
        held.release()
