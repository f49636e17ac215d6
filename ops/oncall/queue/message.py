"""A message of a queue, and the Celery task in it. Pure.

Celery's envelope on SQS: the body is JSON, by kombu once more in base64; `headers` name the
task, `body` of the envelope holds its arguments.
https://docs.celeryq.dev/en/stable/internals/protocol.html
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

NOT_CELERY = "(not a Celery message)"


# Bytes of all messages of a call: what every region and every endpoint takes.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
_BATCH_BYTES = 262_144


@dataclass(frozen=True)
class Task:
    """A Celery task as recorded in its message. Arguments are shown as Celery shortened them."""

    name: str
    id: str
    arguments: str = ""
    retries: int = 0


@dataclass(frozen=True)
class Message:
    """One delivery of a message. `attributes` are the sender's, `system` those of SQS."""

    id: str
    handle: str = field(repr=False)
    body: str = field(repr=False)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    system: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> "Message":
        """Read a message from an answer of ReceiveMessage."""
        return cls(
            id=answer["MessageId"],
            handle=answer["ReceiptHandle"],
            body=answer["Body"],
            attributes=answer.get("MessageAttributes", {}),
            system=answer.get("Attributes", {}),
        )

    def as_entry(self, *, fifo: bool) -> dict[str, Any]:
        """Return the message for SendMessageBatch, with everything that its sender set.

        In a FIFO queue it gets its own ID for deduplication instead of its first sender's: SQS
        would recognise that one and drop the message.
        """
        entry: dict[str, Any] = {"MessageBody": self.body}
        if self.attributes:
            entry["MessageAttributes"] = dict(self.attributes)
        if "AWSTraceHeader" in self.system:
            trace = {"DataType": "String", "StringValue": self.system["AWSTraceHeader"]}
            entry["MessageSystemAttributes"] = {"AWSTraceHeader": trace}
        if "MessageGroupId" in self.system:
            entry["MessageGroupId"] = self.system["MessageGroupId"]
        if fifo:
            entry["MessageDeduplicationId"] = self.id
        return entry

    @property
    def size(self) -> int:
        """Return the bytes that SQS counts: the body, and names, types and values of attributes."""
        attributes = sum(
            len(name) + sum(len(part) for part in value.values() if isinstance(part, str | bytes))
            for name, value in self.attributes.items()
        )
        return len(self.body.encode()) + attributes

    @property
    def sent(self) -> datetime | None:
        """Return when it was first sent; moving it to a dead-letter queue keeps this time."""
        milliseconds = self.system.get("SentTimestamp")
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None

    @property
    def source(self) -> str | None:
        """Return the name of the queue that a dead letter comes from, if SQS has it."""
        arn = self.system.get("DeadLetterQueueSourceArn")
        return arn.rsplit(":", 1)[1] if arn else None

    @property
    def group(self) -> str | None:
        """Return the FIFO group of the message."""
        return self.system.get("MessageGroupId")

    @property
    def receives(self) -> int:
        """Return how often it was delivered, including this delivery."""
        return int(self.system.get("ApproximateReceiveCount", 0))

    @property
    def task(self) -> Task | None:
        """Return the name of the message's Celery task; None for a message of another library."""
        envelope = _envelope(self.body)
        headers = envelope.get("headers") if envelope else None
        if not isinstance(headers, dict) or not isinstance(headers.get("task"), str):
            return None
        arguments = (headers.get("argsrepr"), headers.get("kwargsrepr"))
        shown = ", ".join(text for text in map(_inside, arguments) if text)
        retries = headers.get("retries")
        return Task(
            headers["task"],
            str(headers.get("id", "")),
            shown,
            retries if isinstance(retries, int) else 0,
        )

    @property
    def kind(self) -> str:
        """Return the name of its Celery task, for grouping."""
        return self.task.name if self.task else NOT_CELERY


def in_calls(messages: Sequence[Message]) -> list[list[Message]]:
    """Split messages into as few batches as their sizes allow; a message that is too large gets its
    own.
    """
    runs: list[list[Message]] = []
    room = 0
    for message in messages:
        if message.size > room or not runs:
            runs.append([])
            room = _BATCH_BYTES
        runs[-1].append(message)
        room -= message.size
    return runs


def _envelope(body: str) -> dict[str, Any] | None:
    """Return Celery's envelope, from JSON or from kombu's base64 of it."""
    for decoded in (body, _from_base64(body)):
        try:
            content = json.loads(decoded) if decoded else None
        except (ValueError, RecursionError):
            continue
        if isinstance(content, dict):
            return content
    return None


def _from_base64(text: str) -> str | None:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _inside(written: object) -> str:
    """Return the inside of a written tuple or dict: `(1, 2)` as `1, 2`; empty for empty ones."""
    text = written if isinstance(written, str) else ""
    return text[1:-1].strip().rstrip(",") if text[:1] in ("(", "{", "[") else text
