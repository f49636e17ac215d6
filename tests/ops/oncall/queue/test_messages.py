"""The content of a message, which a redrive does not change."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ops.oncall.logs.event import LogEvent
from ops.oncall.queue.failures import exception_of, last_exceptions
from ops.oncall.queue.groups import UNKNOWN, grouped
from ops.oncall.queue.message import NOT_CELERY, Message, in_calls
from tests.ops.oncall.queue.celery_messages import celery_message


def message(body: str, id_: str = "m1", **more: Any) -> Message:  # noqa: ANN401  # fields
    return Message(id_, f"handle-{id_}", body, **more)


def line(text: str | dict[str, Any], at: int = 0) -> LogEvent:
    return LogEvent(at, "worker", "s", str(at), text if isinstance(text, str) else json.dumps(text))


def test_a_message_of_celery() -> None:
    found = message(celery_message("shop.charge", 5, "EUR", task_id="t1")).task
    assert found is not None
    assert (found.name, found.id, found.arguments) == ("shop.charge", "t1", "5, 'EUR'")
    assert message(celery_message("shop.nothing")).kind == "shop.nothing"


def test_the_same_without_base64() -> None:
    body = base64.b64decode(celery_message("shop.charge", task_id="t1")).decode()
    assert message(body).kind == "shop.charge"


@given(
    st.one_of(
        st.text(),
        st.binary().map(lambda raw: base64.b64encode(raw).decode()),
        st.recursive(
            st.none() | st.booleans() | st.text(max_size=5),
            lambda inner: st.dictionaries(st.sampled_from(["headers", "task", "id"]), inner),
        ).map(json.dumps),
    )
)
def test_whatever_is_in_a_queue_has_a_kind(body: str) -> None:
    assert isinstance(message(body).kind, str)


def test_what_is_not_celerys() -> None:
    for body in ("plain", "{}", '{"headers": {"task": 5}}', '{"headers": []}', "[1]", "eyJ9"):
        assert message(body).kind == NOT_CELERY


def test_a_message_goes_back_with_all_that_its_sender_gave_it() -> None:
    attributes = {
        "kind": {"DataType": "String", "StringValue": "x"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00"},
    }
    system = {"AWSTraceHeader": "Root=1", "MessageGroupId": "g", "SenderId": "someone"}
    entry = message("body", attributes=attributes, system=system).as_entry(fifo=True)
    assert entry == {
        "MessageBody": "body",
        "MessageAttributes": attributes,
        "MessageSystemAttributes": {
            "AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}
        },
        "MessageGroupId": "g",
        "MessageDeduplicationId": "m1",
    }
    assert message("body").as_entry(fifo=False) == {"MessageBody": "body"}


@given(st.lists(st.integers(0, 300_000), max_size=10))
def test_calls_stay_below_what_sqs_takes(sizes: list[int]) -> None:
    messages = [message("x" * size, str(at)) for at, size in enumerate(sizes)]
    calls = in_calls(messages)
    assert [each for call in calls for each in call] == messages
    for call in calls:
        assert len(call) == 1 or sum(each.size for each in call) <= 262_144


def test_exceptions_as_loggers_write_them() -> None:
    trace = "Traceback (most recent call last):\n  File 'x'\nshop.errors.Declined: card\nDETAIL: y"
    for text, expected in (
        ({"task_id": "t", "message": "Task failed", "exception": trace}, "shop.errors.Declined"),
        ({"message": "Task shop.charge[t] raised unexpected: ValueError('no')"}, "ValueError"),
        ({"message": "Task handler raised error: WorkerLostError('SIGKILL')"}, "WorkerLostError"),
        (
            "[x: ERROR/Main] Task a[t] raised unexpected: KeyError(1)\nTraceback\nKeyError: 1",
            "KeyError",
        ),
        ("Task a[t] retry: Retry in 5s: Timeout('slow')", "Timeout"),
        ({"message": "Hard time limit (90s) exceeded for shop.charge[t]"}, "TimeLimitExceeded"),
        ({"message": "Task received", "task_id": "t"}, None),
        ("Task shop.charge[t] received", None),
    ):
        assert exception_of(line(text)) == expected, text


def test_the_last_exception_of_each_task_counts() -> None:
    events = [
        line({"task_id": "t1", "exception": "KeyError: 1"}, at=2),
        line({"task_id": "t1", "exception": "ValueError: 1"}, at=1),
        line({"task_id": "t1", "message": "Task received"}, at=3),
        line({"task_id": "t3", "exception": "TypeError: 1"}, at=3),
    ]
    assert last_exceptions(["t1", "t2"], events) == {"t1": "KeyError"}


def test_groups_by_task_and_exception_the_largest_first() -> None:
    def sent(task: str, id_: str, at: int) -> Message:
        system = {"SentTimestamp": str(1000 * at)}
        return message(celery_message(task, task_id=id_), f"m-{id_}", system=system)

    plain = message("plain", "m-plain")
    letters = [sent("a", "1", 10), plain, sent("b", "2", 20), sent("b", "3", 30), sent("b", "4", 5)]
    groups = grouped(letters, {"2": "KeyError", "3": "KeyError"})
    assert [(g.kind, g.exception, len(g.messages), g.example) for g in groups] == [
        ("b", "KeyError", 2, "3"),
        (NOT_CELERY, UNKNOWN, 1, "m-plain"),
        ("a", UNKNOWN, 1, "1"),
        ("b", UNKNOWN, 1, "4"),
    ]
    assert groups[0].oldest == datetime.fromtimestamp(20, UTC)
    assert groups[0].latest == datetime.fromtimestamp(30, UTC)
    assert groups[1].oldest is None
