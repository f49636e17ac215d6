"""An SQS whose calls take the same time at any queue depth, and which can be set to fail.

It speaks botocore's JSON protocol for the calls of a worker and a producer. Receive counts,
visibility timeouts, long polls, delays and dead-letter queue are as in SQS.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
"""

import asyncio
import hashlib
import json
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.amply.support.queue.sqs_queue import NotThere, Queue

QUEUE = "amply-celery-queue"
LONGEST_WAIT_SECONDS = 60.0


class Broken(Enum):
    """The ways in which a connection can fail."""

    DROP = "closed without an answer"
    HANG = "open, and nobody answers"


@dataclass(frozen=True)
class Refusal:
    """An error response: HTTP status and SQS's error code."""

    status: int
    code: str


Fault = Broken | Refusal


class StandIn:
    """One queue with its dead-letter queue, served on loopback by its own event loop."""

    def __init__(self, visibility_timeout: float = 180, max_receives: int = 5) -> None:
        self.dead = Queue(visibility_timeout)
        self.queue = Queue(visibility_timeout, self.dead, max_receives)
        self.calls: Counter[str] = Counter()
        """How often each operation was asked for, those that failed included."""
        self.deleted = 0
        """How many messages were deleted."""
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._news = threading.Condition()
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that point boto3, kombu and our settings to this stand-in."""
        endpoint = f"http://127.0.0.1:{self.port}"
        return {
            "AWS_ENDPOINT_URL": endpoint,
            "CELERY_QUEUE_URL": f"{endpoint}/123456789012/{QUEUE}",
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def fail(self, operation: str, *faults: Fault) -> None:
        """Make the next calls of an operation fail, one after the other."""
        with self._news:
            self._faults[operation].extend(faults)

    def wait_until(self, what: Callable[["StandIn"], bool]) -> None:
        """Wait until the calls make a condition true; fail after a minute."""
        with self._news:
            assert self._news.wait_for(lambda: what(self), LONGEST_WAIT_SECONDS), dict(self.calls)

    def send(self, bodies: Sequence[str]) -> None:
        """Put messages into the queue without an API call."""
        asyncio.run_coroutine_threadsafe(self._send(bodies), self._loop).result()

    def faults_left(self, operation: str) -> int:
        """Return how many of the planned failures have not happened yet."""
        return len(self._faults[operation])

    async def _send(self, bodies: Sequence[str]) -> None:
        for body in bodies:
            self.queue.send(body)

    async def serve(self, started: threading.Event, ended: asyncio.Event) -> None:
        """Serve until `ended` is set."""
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await ended.wait()
        server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                operation, parameters = await _read(reader)
                fault = self._note(operation)
                if fault is Broken.DROP:
                    break
                if fault is Broken.HANG:
                    await reader.read()  # until the other side gives up
                    break
                writer.write(await self._answer(operation, parameters, fault))
                await writer.drain()
                with self._news:
                    self._news.notify_all()
        self._open.discard(writer)
        writer.close()

    def _note(self, operation: str) -> Fault | None:
        with self._news:
            self.calls[operation] += 1
            faults = self._faults[operation]
            self._news.notify_all()
            return faults.popleft() if faults else None

    async def _answer(
        self, operation: str, parameters: dict[str, Any], fault: Fault | None
    ) -> bytes:
        if isinstance(fault, Refusal):
            return _refused(fault)
        try:
            return _response(200, await getattr(self, f"_{operation}")(parameters))
        except NotThere as error:
            return _refused(Refusal(400, str(error)))

    async def _SendMessage(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        body = asked["MessageBody"]
        message = self.queue.send(body, asked.get("DelaySeconds", 0))
        return {"MessageId": message.id, "MD5OfMessageBody": _md5(body)}

    async def _SendMessageBatch(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        sent = [{"Id": entry["Id"], **await self._SendMessage(entry)} for entry in asked["Entries"]]
        return {"Successful": sent}

    async def _ReceiveMessage(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        most, seconds = asked.get("MaxNumberOfMessages", 1), asked.get("WaitTimeSeconds", 0)
        messages = [
            {
                "MessageId": message.id,
                "ReceiptHandle": handle,
                "Body": message.body,
                "MD5OfBody": _md5(message.body),
                "Attributes": {"ApproximateReceiveCount": str(message.receives)},
            }
            for handle, message in await self.queue.receive(most, seconds)
        ]
        return {"Messages": messages} if messages else {}

    async def _DeleteMessage(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.queue.delete(asked["ReceiptHandle"])
        self.deleted += 1
        return {}

    async def _DeleteMessageBatch(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        answer: dict[str, list[dict[str, Any]]] = {"Successful": [], "Failed": []}
        for entry in asked["Entries"]:
            try:
                await self._DeleteMessage(entry)
            except NotThere as error:
                answer["Failed"].append(
                    {"Id": entry["Id"], "Code": str(error), "SenderFault": True}
                )
            else:
                answer["Successful"].append({"Id": entry["Id"]})
        return answer

    async def _ChangeMessageVisibility(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.queue.change_visibility(asked["ReceiptHandle"], asked["VisibilityTimeout"])
        return {}

    async def _GetQueueAttributes(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        known = {
            "ApproximateNumberOfMessages": str(self.queue.visible),
            "RedrivePolicy": json.dumps({"maxReceiveCount": self.queue.max_receives}),
        }
        return {"Attributes": {name: known[name] for name in asked["AttributeNames"]}}


async def _read(reader: asyncio.StreamReader) -> tuple[str, dict[str, Any]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return headers["x-amz-target"].rpartition(".")[2], json.loads(body)


def _response(status: int, answer: dict[str, Any]) -> bytes:
    body = json.dumps(answer).encode()
    head = (
        f"HTTP/1.1 {status} -\r\n"
        "Content-Type: application/x-amz-json-1.0\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _refused(refusal: Refusal) -> bytes:
    return _response(
        refusal.status, {"__type": f"com.amazonaws.sqs#{refusal.code}", "message": refusal.code}
    )


def _md5(body: str) -> str:
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


@contextmanager
def running_in_thread(visibility_timeout: float = 180, max_receives: int = 5) -> Iterator[StandIn]:
    """Run a stand-in for the length of a block."""
    stand_in = StandIn(visibility_timeout, max_receives)
    started, ended = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    def serve() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(stand_in.serve(started, ended))

    thread = threading.Thread(target=serve)
    thread.start()
    started.wait()
    try:
        yield stand_in
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
