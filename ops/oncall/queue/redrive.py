"""Sending dead letters back to their queue at a limited rate. SQS calls are passed in.

A message is sent first and deleted afterwards, so an interruption loses none. A message interrupted
in between is in both queues and is processed twice. To keep the order of a FIFO group, no message
behind a remaining one is sent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ops.oncall.queue.holding import AT_ONCE, Held, Shelf, is_fifo
from ops.oncall.queue.message import Message


class Mover(Shelf, Protocol):
    """A shelf that can also send and delete messages."""

    def send(self, name: str, messages: Sequence[Message]) -> dict[str, str]:
        """Send at most ten; return the new IDs of the accepted messages by old ID."""

    def delete(self, name: str, messages: Sequence[Message]) -> int:
        """Delete at most ten; return how many were deleted."""


@dataclass
class Outcome:
    """The counts of a redrive so far."""

    sent: int = 0
    refused: int = 0  # by the queue; still dead letters
    left: int = 0  # of other tasks, or of other queues with the same dead-letter queue
    doubled: int = 0  # sent, but still dead letters too
    behind: int = 0  # behind any of these in a FIFO group: neither sent nor all of them seen

    @property
    def stay(self) -> int:
        """Return the dead letters that were seen and remain."""
        return self.refused + self.left + self.doubled


@dataclass(frozen=True)
class Plan:
    """The dead letters to send, their destination, and the rate."""

    dead_letters: str
    queue: str
    most: int  # messages to send
    rate: float  # messages a second
    task: str | None = None  # of these tasks only
    among: int = 0  # dead letters in all, according to SQS

    def wants(self, message: Message) -> bool:
        """Return whether to send it: not if it belongs to another queue that shares the dead-letter
        queue.
        """
        return self.task in (None, message.kind) and message.source in (None, self.queue)

    def chosen(self, messages: Sequence[Message], barred: set[str]) -> list[Message]:
        """Return the messages to send; add the groups that have to wait to `barred`."""
        chosen = list[Message]()
        for message in messages:
            if message.group in barred:
                continue
            if self.wants(message):
                chosen.append(message)
            else:
                barred.update(self.held_back_by([message]))
        return chosen

    def held_back_by(self, messages: Sequence[Message]) -> set[str]:
        """Return the groups that must wait for these messages, which are not sent."""
        if not is_fifo(self.dead_letters):
            return set()
        return {message.group for message in messages if message.group is not None}

    def turn(self, messages: Sequence[Message]) -> list[Message]:
        """Return the messages that may share a call: only the first of a FIFO group, because SQS
        may reject any.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
        """
        if not is_fifo(self.dead_letters):
            return list(messages)
        first = dict[str | None, Message]()
        for message in messages:
            first.setdefault(message.group, message)
        return list(first.values())

    @property
    def burst(self) -> int:
        """Return the size of a batch: the messages of one second, at most ten."""
        return max(1, min(AT_ONCE, int(self.rate)))


def redrive(
    plan: Plan,
    mover: Mover,
    outcome: Outcome,
    wait: Callable[[float], None],
    tell: Callable[[int], None] = lambda _: None,
) -> None:
    """Send until none is left or enough are sent, and update the outcome meanwhile.

    A message that fails again and returns during the redrive is not sent a second time.
    """
    held = Held(mover, plan.dead_letters)
    barred = set[str]()
    seen = 0
    try:
        while (room := plan.most - outcome.sent) > 0:
            batch = held.more(min(room, plan.burst))
            if not batch:
                outcome.behind = _behind(plan, outcome, seen)
                return
            seen += len(batch)
            selected = plan.chosen(batch, barred)
            outcome.left += sum(not plan.wants(message) for message in batch)
            before = outcome.sent
            barred |= _send_in_turns(plan, mover, held, selected, outcome)
            sent = outcome.sent - before
            tell(sent)
            wait(sent / plan.rate)
    finally:
        held.release()


def _behind(plan: Plan, outcome: Outcome, seen: int) -> int:
    """Return how many messages wait behind those that stay, from the count taken before."""
    if not is_fifo(plan.dead_letters) or not outcome.stay:
        return 0
    return max(seen, plan.among) - outcome.sent - outcome.refused - outcome.left


def _send_in_turns(
    plan: Plan, mover: Mover, held: Held, selected: Sequence[Message], outcome: Outcome
) -> set[str]:
    """Send all messages but those behind a rejected one. Return the groups that have to wait."""
    barred = set[str]()
    while selected:
        turn = plan.turn(selected)
        barred |= plan.held_back_by(_send(plan, mover, held, turn, outcome))
        later = [message for message in selected if message not in turn]
        selected = [message for message in later if message.group not in barred]
    return barred


def _send(
    plan: Plan, mover: Mover, held: Held, selected: Sequence[Message], outcome: Outcome
) -> list[Message]:
    """Send in one call, and delete the dead letters. Return the messages that were rejected."""
    taken = mover.send(plan.queue, selected)
    done = [message for message in selected if message.id in taken]
    held.know(list(taken.values()))
    outcome.sent += len(done)
    outcome.refused += len(selected) - len(done)
    if done:
        outcome.doubled += len(done) - mover.delete(plan.dead_letters, done)
        held.forget(done)
    return [message for message in selected if message.id not in taken]
