"""A worker survives faults of SQS and the network, and then consumes again.

With kombu 5.7.0 alone, each of these faults ends the worker or stops its polling.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.amply.support.processes import Process
from tests.amply.support.queue.sqs_stand_in import (
    Broken,
    Fault,
    Refusal,
    StandIn,
    running_in_thread,
)
from tests.amply.support.queue.task_names import DIE_ONCE, SAY
from tests.amply.support.queue.workers import said, send, worker

UNAVAILABLE = Refusal(503, "ServiceUnavailable")
INTERNAL = Refusal(500, "InternalFailure")
EXPIRED = Refusal(403, "ExpiredToken")
THROTTLED = Refusal(400, "RequestThrottled")
STALE = Refusal(400, "ReceiptHandleIsInvalid")

_words = (f"word-{number}" for number in count())


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    """Start an SQS with a visibility timeout short enough to wait for."""
    with running_in_thread(visibility_timeout=2, max_receives=50) as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def consumer(stand_in: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Start one worker for all tests of this module."""
    with worker(stand_in, tmp_path_factory.mktemp("worker")) as process:
        yield process
        assert process.stop() == 0


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([UNAVAILABLE] * 5, id="5 x 503"),
        pytest.param([INTERNAL] * 3, id="3 x 500"),
        pytest.param([EXPIRED], id="expired token"),
        pytest.param([THROTTLED] * 2, id="throttled"),
        pytest.param([Broken.DROP] * 3, id="dropped connections"),
        pytest.param([Broken.HANG], id="half-open connection"),
    ],
)
def test_it_polls_again(
    stand_in: StandIn, consumer: Process, monkeypatch: pytest.MonkeyPatch, faults: list[Fault]
) -> None:
    stand_in.fail("ReceiveMessage", *faults)
    stand_in.wait_until(lambda it: not it.faults_left("ReceiveMessage"))

    deleted = stand_in.deleted
    words = [next(_words), next(_words)]
    for word in words:
        send(stand_in, monkeypatch, SAY, word=word)

    for word in words:
        consumer.wait_for(said(f"Said {word}"))
    stand_in.wait_until(lambda it: it.deleted == deleted + 2)


@pytest.mark.parametrize("fault", [UNAVAILABLE, THROTTLED, Broken.DROP])
def test_a_message_that_could_not_be_deleted_is_delivered_again(
    stand_in: StandIn, consumer: Process, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    stand_in.fail("DeleteMessageBatch", fault, fault)  # the client tries twice
    deleted = stand_in.deleted
    word = next(_words)
    send(stand_in, monkeypatch, SAY, word=word)

    consumer.wait_for(said(f"Said {word}"), times=2)
    stand_in.wait_until(lambda it: it.deleted == deleted + 1)


def test_a_message_that_could_not_be_given_back_is_delivered_again(
    stand_in: StandIn, consumer: Process, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in.fail("ChangeMessageVisibility", STALE)
    send(stand_in, monkeypatch, DIE_ONCE, marker=str(tmp_path / "died"))
    consumer.wait_for(said("left to its visibility timeout"))
    consumer.wait_for(said("Survived"))
