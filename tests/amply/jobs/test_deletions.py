"""Messages that are deleted together: ten at once, or what there is after a moment."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from amply.jobs.deletions import LONGEST_WAIT_SECONDS, Deletions, Entry, Source

QUEUE = Source("jobs", "https://sqs.example/1/jobs")
OTHER = Source("mail", "https://sqs.example/1/mail")


class Timer:
    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act
        self.is_canceled = False

    def cancel(self) -> None:
        self.is_canceled = True


class Sqs:
    """SQS and an event loop, in memory."""

    def __init__(self) -> None:
        self.calls: list[tuple[Source, list[str]]] = []
        self.timers: list[Timer] = []
        self.answer: Mapping[str, Any] | Exception = {"Successful": []}
        self.deletions = Deletions(self.delete, self.call_later)

    def delete(self, source: Source, entries: Sequence[Entry]) -> Mapping[str, Any]:
        assert len({entry["Id"] for entry in entries}) == len(entries)
        self.calls.append((source, [entry["ReceiptHandle"] for entry in entries]))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def call_later(self, seconds: float, act: Callable[[], None]) -> Timer:
        assert seconds == LONGEST_WAIT_SECONDS
        self.timers.append(Timer(act))
        return self.timers[-1]

    def add(self, number: int, source: Source = QUEUE) -> list[str]:
        handles = [f"{source.name}-{at}" for at in range(number)]
        for handle in handles:
            self.deletions.add(source, handle)
        return handles


def test_ten_are_deleted_at_once() -> None:
    sqs = Sqs()
    handles = sqs.add(10)
    assert sqs.calls == [(QUEUE, handles)]
    [timer] = sqs.timers
    assert timer.is_canceled
    sqs.add(1)
    assert len(sqs.timers) == 2


def test_fewer_wait_for_a_moment_and_one_timer() -> None:
    sqs = Sqs()
    handles = sqs.add(9)
    assert sqs.calls == []
    [timer] = sqs.timers
    timer.act()
    assert sqs.calls == [(QUEUE, handles)]
    sqs.deletions.flush()
    assert len(sqs.calls) == 1


def test_each_queue_has_its_call() -> None:
    sqs = Sqs()
    expected = [(QUEUE, sqs.add(2)), (OTHER, sqs.add(3, OTHER))]
    sqs.deletions.flush()
    assert sqs.calls == expected


DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DeleteMessageBatch")


AWAY = EndpointConnectionError(endpoint_url="https://sqs")


@pytest.mark.parametrize(("error", "level"), [(DENIED, "ERROR"), (AWAY, "WARNING")])
def test_a_call_that_fails_is_a_line_and_stops_nothing(
    caplog: pytest.LogCaptureFixture, error: Exception, level: str
) -> None:
    sqs = Sqs()
    sqs.answer = error
    sqs.add(2)
    sqs.add(1, OTHER)
    sqs.deletions.flush()
    assert len(sqs.calls) == 2
    lines = [(record.levelname, record.message.partition(":")[0]) for record in caplog.records]
    assert lines == [
        (level, "2 finished messages were not deleted"),
        (level, "1 finished messages were not deleted"),
    ]
    sqs.answer = {}
    assert sqs.add(10) == sqs.calls[-1][1]


def test_a_message_that_is_not_deleted_is_a_line(caplog: pytest.LogCaptureFixture) -> None:
    sqs = Sqs()
    sqs.answer = {"Failed": [{"Id": "0", "Code": "ReceiptHandleIsInvalid", "SenderFault": True}]}
    sqs.add(10)
    assert [record.message for record in caplog.records] == [
        "A finished message was not deleted: ReceiptHandleIsInvalid"
    ]
