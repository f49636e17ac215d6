"""Dead letters grouped by task and exception. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ops.oncall.queue.message import Message

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Group:
    """Messages of one task that failed with one exception, the latest first."""

    kind: str  # the task's name
    exception: str
    messages: tuple[Message, ...]

    @property
    def oldest(self) -> datetime | None:
        """Return when the first of them was sent."""
        return min((message.sent for message in self.messages if message.sent), default=None)

    @property
    def latest(self) -> datetime | None:
        """Return when the last of them was sent."""
        return max((message.sent for message in self.messages if message.sent), default=None)

    @property
    def example(self) -> str:
        """Return an ID to search for in the logs: the latest task's, else the message's."""
        message = self.messages[0]
        return message.task.id if message.task else message.id


def grouped(messages: Sequence[Message], exceptions: Mapping[str, str]) -> list[Group]:
    """Group messages by task and exception, the largest group first."""
    by_error: dict[tuple[str, str], list[Message]] = {}
    for message in messages:
        exception = exceptions.get(message.task.id, UNKNOWN) if message.task else UNKNOWN
        by_error.setdefault((message.kind, exception), []).append(message)
    groups = [
        Group(*key, tuple(sorted(members, key=_sent, reverse=True)))
        for key, members in by_error.items()
    ]
    return sorted(groups, key=lambda group: (-len(group.messages), group.kind, group.exception))


def _sent(message: Message) -> float:
    return message.sent.timestamp() if message.sent else 0.0
