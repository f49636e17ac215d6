"""Messages sent in batches equal those that Celery would have sent one by one."""

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from amply.base.settings import Settings, load_settings
from amply.jobs.app import AmplyCelery, create_celery
from amply.outbox.models import OutboxMessage
from amply.outbox.relay import MOST_IN_A_CALL
from tests.amply.support.queue.sqs_stand_in import Refusal, StandIn, running_in_thread


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with running_in_thread() as stand_in:
        for name, value in stand_in.environment.items():
            monkeypatch.setenv(name, value)
        yield stand_in


@pytest.fixture
def celery(sqs: StandIn) -> AmplyCelery:
    return create_celery(load_settings())


def messages(number: int) -> list[OutboxMessage]:
    return [
        OutboxMessage(
            id=f"message-{n}",
            task="amply.donations.charge",
            arguments={"donation_id": f"don_{n}"},
            request_id="req_1",
        )
        for n in range(number)
    ]


def sent(sqs: StandIn) -> list[dict[str, Any]]:
    """Return the messages as a worker reads them."""
    return [json.loads(b64decode(body)) for body in sqs.queue.bodies]


def test_ten_messages_are_one_call(sqs: StandIn, celery: AmplyCelery) -> None:
    ten = messages(MOST_IN_A_CALL)
    assert celery.publish(ten) == {message.id for message in ten}
    assert sqs.calls["SendMessageBatch"] == 1
    assert sqs.calls["SendMessage"] == 0
    headers = [message["headers"] for message in sent(sqs)]
    assert [header["id"] for header in headers] == [message.id for message in ten]
    assert {header["request_id"] for header in headers} == {"req_1"}


def test_a_message_is_the_same_as_one_sent_alone(sqs: StandIn, celery: AmplyCelery) -> None:
    (message,) = messages(1)
    celery.publish([message])
    celery.tasks[message.task].apply_async(
        kwargs=message.arguments, task_id=message.id, headers={"request_id": "req_1"}
    )
    batched, alone = sent(sqs)
    for one in (batched, alone):
        one["properties"].pop("delivery_tag")
    assert batched == alone


def test_a_task_that_is_not_known_holds_up_no_other(
    sqs: StandIn, celery: AmplyCelery, caplog: pytest.LogCaptureFixture
) -> None:
    stranger, other = messages(2)
    stranger.task = "amply.of.another.release"
    assert celery.publish([stranger]) == set()
    assert celery.publish([stranger, other]) == {other.id}
    assert [message["headers"]["id"] for message in sent(sqs)] == [other.id]
    told = [r for r in caplog.records if "this release does not know" in r.message]
    assert [(r.levelname, vars(r)["outbox_id"]) for r in told] == [("ERROR", stranger.id)] * 2


def test_nor_where_there_is_no_queue() -> None:
    (stranger,) = messages(1)
    stranger.task = "amply.of.another.release"
    app = create_celery(Settings())
    assert app.publish([stranger]) == set()


def test_without_an_answer_nothing_counts_as_sent(sqs: StandIn, celery: AmplyCelery) -> None:
    celery.publish(messages(1))
    sqs.fail("SendMessageBatch", Refusal(403, "AccessDenied"))
    with pytest.raises(ClientError):
        celery.publish(messages(1))
    assert celery.publish(messages(1)) == {"message-0"}
