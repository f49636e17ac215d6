"""Ten messages to SQS in one call, which needs a fifth of the processor time.

Celery and kombu create each message as usual; their calls of SendMessage are collected.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from celery import Celery  # type: ignore[import-untyped]
from kombu.messaging import Producer

from amply.outbox.models import OutboxMessage

logger = logging.getLogger(__name__)


class _Collector:
    """An SQS client that collects messages instead of sending them."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - boto3 makes its clients' classes
        self._client = client
        self.calls: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._client, name)

    def send_message(self, **call: Any) -> None:  # noqa: ANN401
        self.calls.append(call)


def publish(app: Celery, messages: Sequence[OutboxMessage]) -> set[str]:
    """Put at most ten messages into the queue; return the ids of those that it accepted.

    A message with a task that this release does not know stays in the outbox for another release,
    and delays no other. Blocks for the network. Raises botocore's errors, and kombu's
    OperationalError, when the queue does not answer. Without a queue the tasks are run at once.
    """
    known = [message for message in messages if _is_known(app, message)]
    if app.conf.task_always_eager:
        for message in known:
            _apply(app, message, None)
        return {message.id for message in known}
    if not known:
        return set()
    with app.producer_pool.acquire(block=True) as producer:
        collector = _Collector(producer.channel.sqs(queue=app.conf.task_default_queue))
        with _reached_by(producer.channel, collector):
            for message in known:
                _apply(app, message, producer)
    return _send(collector, known)


def _is_known(app: Celery, message: OutboxMessage) -> bool:
    is_known = message.task in app.tasks
    if not is_known:
        fields = {"outbox_id": message.id, "task": message.task}
        logger.error("Message about a task that this release does not know", extra=fields)
    return is_known


def _apply(app: Celery, message: OutboxMessage, producer: Producer | None) -> None:
    app.tasks[message.task].apply_async(
        kwargs=message.arguments,
        task_id=message.id,
        headers={"request_id": message.request_id} if message.request_id else {},
        producer=producer,
        declare=(),  # the queue is there: Celery would copy its description for each message
    )


@contextmanager
def _reached_by(channel: Any, collector: _Collector) -> Iterator[None]:  # noqa: ANN401 - not typed
    """Connect the channel to the collector inside the block."""
    channel.sqs = lambda queue=None: collector  # noqa: ARG005 - hides the method
    try:
        yield
    finally:
        del channel.sqs


def _send(collector: _Collector, messages: Sequence[OutboxMessage]) -> set[str]:
    entries = [
        {"Id": message.id, **{name: given for name, given in call.items() if name != "QueueUrl"}}
        for message, call in zip(messages, collector.calls, strict=True)
    ]
    url = collector.calls[0]["QueueUrl"]
    answer = collector.send_message_batch(QueueUrl=url, Entries=entries)
    for failed in answer.get("Failed", []):
        logger.warning("SQS took no message: %s", failed["Code"])
    return {taken["Id"] for taken in answer.get("Successful", [])}
