"""kombu's SQS transport with fixes: one bad answer from SQS neither ends nor silences a worker.

What kombu 5.7.0 does, and what is done about it here:
- An answer 5xx, 4xx (throttled, token expired) or none at all to ReceiveMessage raises within its
  event loop: the worker exits, or never polls again while it looks healthy. Here it is an empty
  poll, and the next one comes a little later.
- Its HTTP client has no timeout: a connection that is half open is waited for forever.
- While the prefetch window is full it looks for room by the clock. Here the last acknowledgement
  asks for the next messages.
- Each acknowledgement is a call that blocks the event loop. Here `amply.jobs.deletions` makes one
  for ten messages.
- Releasing a message after its visibility timeout ends the worker; SQS delivers it again anyway. It
also leaves the worker's sign of life (`amply.jobs.health`).

`tests/amply/jobs/test_transport_pin.py` fails when kombu or what is overridden here changes.
This file can go once the faults of `tests/amply/jobs/test_transport_faults.py` pass without it.
"""

# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: ANN401 - kombu says of few of its arguments what they are

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

import pycurl  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError
from kombu.asynchronous.aws.sqs.connection import AsyncSQSConnection
from kombu.asynchronous.http.curl import CurlClient
from kombu.transport import SQS, virtual

from amply.base.settings import LONGEST_TASK_SECONDS
from amply.jobs import health
from amply.jobs.deletions import Deletions, Entry, Source, is_denied

logger = logging.getLogger(__name__)

_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 10  # beyond the long poll
_FIRST_PAUSE_SECONDS = 0.25
_DOUBLINGS = 5
_LONGEST_PAUSE_SECONDS = 5.0

# Of work that goes on: time limits end a task by then, once a process of the pool has begun it. The
# rest is for that beginning, and for a new process in the place of one that was killed.
_LONGEST_STANDSTILL_SECONDS = LONGEST_TASK_SECONDS + 30


class _BoundedClient(CurlClient):
    """A client that gives up requests which take too long."""

    def __init__(self, hub: Any, longest_seconds: float) -> None:
        super().__init__(hub)
        self._longest_seconds = longest_seconds

    def _setup_request(self, curl: Any, *request: Any) -> None:
        super()._setup_request(curl, *request)
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.CONNECTTIMEOUT, _CONNECT_SECONDS)
        curl.setopt(pycurl.TIMEOUT_MS, int(self._longest_seconds * 1000))


class _Connection(AsyncSQSConnection):
    """A connection that returns None where SQS gave no answer."""

    def _on_list_ready(self, parent: Any, markers: Any, operation: str, response: Any) -> Any:
        try:
            answer = super()._on_list_ready(parent, markers, operation, response)
        except Exception as error:  # noqa: BLE001 - kombu raises Exception itself for 4xx
            logger.warning("%s failed: %s", operation, error)
            return None
        if isinstance(answer, dict):
            return answer
        logger.warning("%s failed: HTTP %s %s", operation, response.status, response.reason)
        return None


class Channel(SQS.Channel):
    """A channel that polls until it is closed, whatever SQS answers."""

    hub: Any
    _failures = 0  # polls in a row that SQS did not answer
    _pause: Any = None  # the timer that ends the wait for room in the prefetch window
    _moved_at = float("-inf")  # when SQS last answered, or a message last left the window

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deletions = Deletions(self._delete_batch, self._call_later)

    def close(self) -> None:
        self._deletions.flush()
        super().close()

    def _call_later(self, seconds: float, act: Callable[[], None]) -> Any:
        return self.hub.call_later(seconds, act)  # a sender of messages has no hub

    def _delete_batch(self, source: Source, entries: Sequence[Entry]) -> Mapping[str, Any]:
        client = self.sqs(queue=source.name)
        return client.delete_message_batch(QueueUrl=source.url, Entries=entries)  # type: ignore[no-any-return]

    def asynsqs(self, queue: str | None = None) -> _Connection:
        clients = self._predefined_queue_async_clients
        if queue not in clients:
            http = _BoundedClient(self.hub, self.wait_time_seconds + _ANSWER_SECONDS)
            clients[queue] = _Connection(self.sqs(queue=queue), http_client=http)
        return clients[queue]  # type: ignore[no-any-return]

    def _schedule_queue(self, queue: str) -> None:
        self._pause = None
        try:
            super()._schedule_queue(queue)
        except Exception as error:  # noqa: BLE001 - no credentials to sign with, for a while
            logger.warning("ReceiveMessage failed: %s", error)
            self._failures += 1
            self._loop1(queue)

    def _on_messages_ready(self, queue: str, qname: str, messages: dict[str, Any] | None) -> int:
        if messages is None:
            self._failures += 1
            return 0
        self._failures = 0
        self._moved_at = monotonic()
        health.alive("worker")
        return super()._on_messages_ready(queue, qname, messages)  # type: ignore[no-any-return]

    def _loop1(self, queue: str, messages_fetched: int | None = None) -> None:
        if not self.qos.can_consume():
            # Longer, and no process of the pool takes up what it is given.
            if monotonic() - self._moved_at <= _LONGEST_STANDSTILL_SECONDS:
                health.alive("worker")
            interval = self.connection.polling_interval
            self._pause = self.hub.call_later(interval, self._schedule_queue, queue)
        elif self._failures:
            pause = _FIRST_PAUSE_SECONDS * 2 ** min(self._failures - 1, _DOUBLINGS)
            self.hub.call_later(min(pause, _LONGEST_PAUSE_SECONDS), self._schedule_queue, queue)
        else:
            super()._loop1(queue, messages_fetched)

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:  # noqa: FBT001, FBT002
        with suppress(KeyError):  # a message that SQS did not deliver
            delivery = self.qos.get(delivery_tag).delivery_info
            queue = self.canonical_queue_name(delivery["routing_key"])
            handle = delivery["sqs_message"]["ReceiptHandle"]
            self._deletions.add(Source(queue, delivery["sqs_queue"]), handle)
        virtual.Channel.basic_ack(self, delivery_tag, multiple)
        self._message_left()
        if self.closed:  # by a warm shutdown, which ends the event loop and its timers first
            self._deletions.flush()

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002
        try:
            super().basic_reject(delivery_tag, requeue)
        finally:
            self._message_left()

    def _message_left(self) -> None:
        """Ask for as many messages as fit, instead of one after each acknowledgement."""
        self._moved_at = monotonic()
        is_idle = self.qos.can_consume_max_estimate() == self.qos.prefetch_count
        if self._pause is not None and is_idle:
            self._pause.cancel()
            # Not call_soon: acknowledged by it, one more would wait for the next timer.
            self.hub.call_later(0, self._schedule_queue, *self._pause.args)
            self._pause = None

    def _put(self, queue: str, message: dict[str, Any], **options: Any) -> None:
        try:
            super()._put(queue, message, **options)
        except (ClientError, BotoCoreError) as error:
            if is_denied(error) or not message.get("redelivered"):
                raise
            logger.warning("Message left to its visibility timeout: %s", error)


class Transport(SQS.Transport):
    """SQS with the channel above; the setting `broker_transport` names it."""

    Channel = Channel
