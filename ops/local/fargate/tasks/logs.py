"""The awslogs driver: it sends all lines of a container to its CloudWatch log stream, in order.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ops.aws.client import code_of
from ops.local.fargate.errors import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef

BATCH = 1000
"""Events a PutLogEvents; the API takes 10,000 of 1 MiB together."""
BATCH_BYTES = 700_000
LONGEST = 256 * 1024
"""Bytes of the longest event; a longer line is told in pieces."""
PAUSE = 0.2
"""Seconds over which lines are gathered."""
REMEMBERED = 20
"""How many last lines are kept for error messages."""


class Lines:
    """Splits a stream of bytes into lines."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that are now complete."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) >= LONGEST:
            whole.append(self._rest)
            self._rest = b""
        return [text for line in whole for text in _pieces(line)]

    def end(self) -> list[str]:
        """Return the last line if it has no line break."""
        rest, self._rest = self._rest, b""
        return _pieces(rest)


def _pieces(line: bytes) -> list[str]:
    """Decode a line; CloudWatch rejects empty events."""
    line = line.removesuffix(b"\r")
    parts = (line[at : at + LONGEST] for at in range(0, len(line), LONGEST))
    return [part.decode(errors="replace") for part in parts]


class LogStream:
    """One container's stream. Without `awslogs`, the lines are only kept in memory."""

    def __init__(self, client: CloudWatchLogsClient, group: str | None, stream: str) -> None:
        self._client = client
        self.group = group
        self.stream = stream
        self.last: deque[str] = deque(maxlen=REMEMBERED)
        self._lines = Lines()
        self._events: deque[InputLogEventTypeDef] = deque()
        self._newest = 0
        self._arrived = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, client: CloudWatchLogsClient, options: Mapping[str, str], container: str, task: str
    ) -> LogStream:
        """Create the stream `<prefix>/<container>/<task>` and start to send.

        :param options: those of the container's `logConfiguration`, empty without awslogs
        Raise Failure if the group does not exist.
        """
        stream = cls(
            client,
            options.get("awslogs-group"),
            "/".join((options.get("awslogs-stream-prefix", "ecs"), container, task)),
        )
        if stream.group is not None:
            create = options.get("awslogs-create-group") == "true"
            await asyncio.to_thread(_create, client, stream.group, stream.stream, create=create)
            stream._sending = asyncio.create_task(stream._send_for_ever())
        return stream

    def write(self, data: bytes) -> None:
        """Add a piece of output."""
        self._add(self._lines.feed(data))

    async def close(self) -> None:
        """Send the remaining lines, and stop."""
        self._add(self._lines.end())
        if self._sending is not None:
            sending, self._sending = self._sending, None
            self._arrived.set()
            await sending

    def _add(self, lines: list[str]) -> None:
        self.last.extend(lines)
        if self.group is None or not lines:
            return
        # Within a batch CloudWatch insists on chronological order, and clocks step back.
        self._newest = max(self._newest, int(time.time() * 1000))
        self._events.extend({"timestamp": self._newest, "message": line} for line in lines)
        self._arrived.set()

    async def _send_for_ever(self) -> None:
        while self._sending is not None or self._events:
            await self._arrived.wait()
            if self._sending is not None:
                await asyncio.sleep(PAUSE)
            self._arrived.clear()
            while self._events:
                await asyncio.to_thread(self._put, self._batch())

    def _batch(self) -> list[InputLogEventTypeDef]:
        batch: list[InputLogEventTypeDef] = []
        size = 0
        while self._events and len(batch) < BATCH and size < BATCH_BYTES:
            batch.append(self._events.popleft())
            size += len(batch[-1]["message"].encode()) + 26
        return batch

    def _put(self, events: list[InputLogEventTypeDef]) -> None:
        # A group deleted under a running task has no place left for its lines; nor has ECS.
        with contextlib.suppress(ClientError, BotoCoreError):
            self._client.put_log_events(
                logGroupName=self.group or "", logStreamName=self.stream, logEvents=events
            )


def _create_group(client: CloudWatchLogsClient, group: str) -> None:
    try:
        client.create_log_group(logGroupName=group)
    except ClientError as error:
        if code_of(error) != "ResourceAlreadyExistsException":
            raise


def _create(client: CloudWatchLogsClient, group: str, stream: str, *, create: bool) -> None:
    try:
        if create:
            _create_group(client, group)
        client.create_log_stream(logGroupName=group, logStreamName=stream)
    except ClientError as error:
        raise Failure(
            "ResourceInitializationError: failed to validate logger args: failed to create "
            f"Cloudwatch log stream: {error.response['Error']['Code']}: "
            f"{error.response['Error']['Message']} (log group {group})"
        ) from error
