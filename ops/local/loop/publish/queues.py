"""AWS/SQS: one point a minute for each active queue.

A queue is active while it has messages, and for six hours after any call. After that it reports
nothing, and then the metrics of its first minutes come up to fifteen minutes late.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.core.utils import unix_time_millis
from moto.sqs.models import Queue, SQSBackend

from ops.control.cloudwatch.samples import samples_of
from ops.local.metrics.store import metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ops.control.undocumented import Choices
    from ops.local.metrics.store import Store

ACTIVE_FOR = 6 * 3600
"""Seconds after the last call for which a queue stays active."""

_NAMESPACE = "AWS/SQS"
_OFTEN_RECEIVED = 3
"""A message received so often and not deleted is left out of the age."""


class Calls:
    """The calls to each queue since the last publication. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)

    def count(self, queue: str, name: str, number: int = 1) -> None:
        """Count something that happened."""
        with self._lock:
            self._counts[queue][name] += number

    def take(self, queue: str) -> Counter[str]:
        """Return the counts of a queue, and reset them."""
        with self._lock:
            return self._counts.pop(queue, Counter())


_calls = Calls()


@dataclass
class _Life:
    """When a queue was last called, and since when it has been active again."""

    called: float
    active: bool = True
    late_until: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)


class QueueMetrics:
    """Publishes the metrics of a region's queues."""

    def __init__(self, backend: SQSBackend, store: Store, choices: Choices) -> None:
        count_calls()
        self._backend = backend
        self._store = store
        self._choices = choices
        self._lives: dict[str, _Life] = {}

    def publish(self, minute: float) -> None:
        """Publish the metrics of the minute that began at `minute` and has just ended."""
        now = minute + 60
        for name, queue in list(self._backend.queues.items()):
            counts = _calls.take(name)
            life = self._lives.setdefault(name, _Life(now))
            if counts:
                life.called = now
            has_messages = len(queue._messages) if queue.fifo_queue else sum(_depths(queue))
            active = bool(has_messages) or now - life.called < ACTIVE_FOR
            if active and not life.active:
                life.late_until = now + self._choices.delays.inactive_queue
            life.active = active
            if not active:
                continue
            visible = max(now + self._choices.delays.sqs, life.late_until)
            for metric_name, value, unit in self._values(queue, counts):
                what = metric(_NAMESPACE, metric_name, {"QueueName": name})
                self._store.put(what, minute, samples_of([value]), visible=visible, unit=unit)

    def _values(self, queue: Any, counts: Counter[str]) -> Iterator[tuple[str, float, str]]:
        """Yield name, value and unit of each metric; counts only if they are not 0."""
        waiting, held, delayed = _depths(queue)
        yield "ApproximateNumberOfMessagesVisible", waiting, "Count"
        if held:
            yield "ApproximateNumberOfMessagesNotVisible", held, "Count"
        if delayed:
            yield "ApproximateNumberOfMessagesDelayed", delayed, "Count"
        for name, number in counts.items():
            if name.startswith("NumberOf") and number:
                yield name, number, "Count"
        age = _oldest_age(queue)
        if age is not None:
            yield "ApproximateAgeOfOldestMessage", age * self._store.clock.speed, "Seconds"


def _depths(queue: Any) -> tuple[int, int, int]:
    return (
        int(queue.approximate_number_of_messages),
        int(queue.approximate_number_of_messages_not_visible),
        int(queue.approximate_number_of_messages_delayed),
    )


def _oldest_age(queue: Any) -> float | None:
    """Return the real seconds that the oldest message has waited; None if the queue is empty."""
    with queue._messages_lock:
        sent = [
            float(message.sent_timestamp)
            for message in queue._messages
            if message.approximate_receive_count < _OFTEN_RECEIVED
        ]
    return max(0.0, (unix_time_millis() - min(sent)) / 1000) if sent else None


def count_calls() -> None:
    """Count what callers do to queues. A second call has no effect."""
    backend: Any = SQSBackend
    if hasattr(backend.get_queue_attributes, "counts_calls"):
        return
    add = Queue.add_message
    delete = backend.delete_message

    def add_message(self: Any, message: Any) -> None:
        add(self, message)
        _calls.count(self.name, "NumberOfMessagesSent")

    def delete_message(self: Any, queue_name: str, receipt_handle: str) -> None:
        delete(self, queue_name, receipt_handle)
        _calls.count(queue_name, "NumberOfMessagesDeleted")

    Queue.add_message = add_message  # type: ignore[method-assign]
    backend.delete_message = delete_message
    backend.receive_message = _receiving(backend.receive_message)
    backend.get_queue_attributes = _calling(backend.get_queue_attributes)


def _receiving(original: Callable[..., Any]) -> Callable[..., Any]:
    def receive_message(self: Any, queue_name: str, *arguments: Any, **named: Any) -> Any:
        messages = original(self, queue_name, *arguments, **named)
        name = "NumberOfMessagesReceived" if messages else "NumberOfEmptyReceives"
        _calls.count(queue_name, name, len(messages) or 1)
        return messages

    return receive_message


def _calling(original: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: Any, queue_name: str, *arguments: Any, **named: Any) -> Any:
        _calls.count(queue_name, "calls")
        return original(self, queue_name, *arguments, **named)

    call.counts_calls = True  # type: ignore[attr-defined]
    return call
