"""moto's queues get slower with their depth; those of the embedded AWS do not."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import SQSBackend

from ops.local.gaps.sqs import constant_time

if TYPE_CHECKING:
    from collections.abc import Sequence

# Counts how often a message is looked at while one is sent, received, hidden and deleted.
COUNT = """
import sys
from moto.sqs.models import Message, SQSBackend
from ops.local.gaps.sqs import constant_time

if sys.argv[1] == "closed":
    constant_time.close()
looks = 0

def counting(original):
    def counted(*arguments):
        global looks
        looks += 1
        return original(*arguments)
    return counted

Message.visible = property(counting(Message.visible.fget))
Message.delayed = property(counting(Message.delayed.fget))
Message.had_receipt_handle = counting(Message.had_receipt_handle)
for depth in (10, 300):
    backend = SQSBackend("eu-central-1", "123456789012")
    backend.create_queue("q")
    for number in range(depth):
        backend.send_message("q", str(number))
    looks = 0
    backend.send_message("q", "one more")
    (message,) = backend.receive_message("q", 1, 0, 30)
    backend.get_queue_attributes("q", ["ApproximateNumberOfMessages"])
    backend.change_message_visibility("q", message.receipt_handle, 60)
    backend.delete_message("q", message.receipt_handle)
    print(looks)
"""


def looks(kind: str) -> Sequence[int]:
    """Return how often a call reads messages in a queue of 10 and in one of 300."""
    command = [sys.executable, "-c", COUNT, kind]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return [int(line) for line in run.stdout.split()]


def test_moto_still_looks_at_every_message() -> None:
    shallow, deep = looks("plain")
    assert deep > 10 * shallow


def test_a_call_looks_at_as_many_messages_however_deep_the_queue() -> None:
    shallow, deep = looks("closed")
    assert deep == shallow


@pytest.fixture
def backend() -> SQSBackend:
    """Return a backend with a queue and its dead-letter queue."""
    constant_time.close()
    backend = SQSBackend("eu-central-1", "123456789012")
    backend.create_queue("dead")
    backend.create_queue("q")
    queue = backend.get_queue("q")
    queue.dead_letter_queue = backend.get_queue("dead")
    queue.redrive_policy = {"maxReceiveCount": 2}
    return backend


def counts(backend: SQSBackend, queue: str = "q") -> tuple[int, int, int]:
    """Return how many messages are visible, in flight, and delayed."""
    names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
    told = backend.get_queue_attributes(queue, names)
    return (told[names[0]], told[names[1]], told[names[2]])


def receive(backend: SQSBackend, most: int = 10, hidden: int = 30) -> list[Any]:
    return backend.receive_message("q", most, 0, hidden)


def test_messages_are_received_in_order_and_hidden(backend: SQSBackend) -> None:
    for body in ("one", "two", "three"):
        backend.send_message("q", body)
    assert [message.body for message in receive(backend, 2)] == ["one", "two"]
    assert counts(backend) == (1, 2, 0)
    assert [message.body for message in receive(backend)] == ["three"]
    assert receive(backend) == []


def test_a_message_is_deleted_by_any_of_its_handles_and_twice(backend: SQSBackend) -> None:
    backend.send_message("q", "one")
    (first,) = receive(backend)
    backend.change_message_visibility("q", first.receipt_handle, 0)
    (second,) = receive(backend)
    assert second.receipt_handle != first.receipt_handle
    backend.delete_message("q", first.receipt_handle)
    backend.delete_message("q", second.receipt_handle)
    assert counts(backend) == (0, 0, 0)


def test_a_handle_that_was_never_given_is_refused(backend: SQSBackend) -> None:
    backend.send_message("dead", "elsewhere")
    (other,) = backend.receive_message("dead", 1, 0, 30)
    for handle in ("never", str(other.receipt_handle)):
        with pytest.raises(ReceiptHandleIsInvalid):
            backend.delete_message("q", handle)
        with pytest.raises(ReceiptHandleIsInvalid):
            backend.change_message_visibility("q", handle, 0)


def test_a_message_received_too_often_goes_to_the_dead_letter_queue(backend: SQSBackend) -> None:
    backend.send_message("q", "poison")
    for _ in range(2):
        (message,) = receive(backend)
        backend.change_message_visibility("q", message.receipt_handle, 0)
    assert receive(backend) == []
    assert counts(backend) == (0, 0, 0)
    assert counts(backend, "dead") == (1, 0, 0)


def test_a_delayed_message_shows_when_it_is_due(backend: SQSBackend) -> None:
    backend.send_message("q", "later", delay_seconds=1)
    assert counts(backend) == (0, 0, 1)
    received = backend.receive_message("q", 1, 5, 30)  # waits for it
    assert [message.body for message in received] == ["later"]


def test_a_purge_leaves_nothing(backend: SQSBackend) -> None:
    backend.send_message("q", "one")
    backend.purge_queue("q")
    assert counts(backend) == (0, 0, 0)
    assert receive(backend) == []


def test_fifo_queues_stay_as_moto_has_them(backend: SQSBackend) -> None:
    backend.create_queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    for body in ("one", "two"):
        backend.send_message("q.fifo", body, group_id="donor")
    (first,) = backend.receive_message("q.fifo", 1, 0, 30)
    assert backend.receive_message("q.fifo", 1, 0, 30) == []
    backend.delete_message("q.fifo", str(first.receipt_handle))
    (second,) = backend.receive_message("q.fifo", 1, 0, 30)
    assert (first.body, second.body) == ("one", "two")
    assert counts(backend, "q.fifo") == (0, 1, 0)
