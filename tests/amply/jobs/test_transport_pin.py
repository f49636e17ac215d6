"""The transport overrides private methods of kombu: a test fails when kombu must be read again.

A test named `kombu_still_…` fails once kombu fixes that itself; then our fix can be removed.
"""

# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: ANN401 - kombu says of few of its arguments what they are

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import kombu
import pytest
from botocore.exceptions import ClientError
from kombu.asynchronous.aws.connection import AsyncAWSQueryConnection
from kombu.asynchronous.aws.sqs.connection import AsyncSQSConnection
from kombu.asynchronous.http.base import Request
from kombu.asynchronous.http.curl import CurlClient
from kombu.asynchronous.hub import Hub
from kombu.transport import SQS, virtual
from kombu.transport.virtual import QoS

from amply.base.settings import Settings
from amply.jobs.app import create_celery
from amply.jobs.transport import Channel, Transport, _BoundedClient
from tests.amply.support.digests import digest, print_digests

# What is overridden, and what that relies on. After reading what changed, run
# `python -m tests.amply.jobs.test_transport_pin` for the new digests.
READ: dict[Callable[..., Any], str] = {
    AsyncAWSQueryConnection._on_list_ready: "a04054ae42c0",
    AsyncSQSConnection.__init__: "da002483be2d",
    CurlClient.__init__: "39c11b4e6d7b",
    CurlClient._setup_request: "0ce805b5cbde",
    QoS.can_consume_max_estimate: "936d3958266c",
    SQS.Channel._get_async: "8148f68087ab",
    SQS.Channel._loop1: "df5e4e1168ec",
    SQS.Channel._on_messages_ready: "c947764eea94",
    SQS.Channel._put: "abbc7aaeaa2c",
    SQS.Channel._schedule_queue: "953f1ad1314e",
    SQS.Channel.asynsqs: "66a72c972d14",
    SQS.Channel.basic_ack: "ea203438531f",
    SQS.Channel.basic_reject: "6055f0dfee5e",
    SQS.Channel.close: "7be659a7c769",
    virtual.Channel.basic_ack: "3b4278c757b4",
    virtual.Channel.close: "26368e1cadfc",
}

STALE = ClientError({"Error": {"Code": "ReceiptHandleIsInvalid"}}, "ChangeMessageVisibility")
DENIED = ClientError({"Error": {"Code": "AccessDenied"}}, "ChangeMessageVisibility")


def test_kombu_is_the_version_that_was_read() -> None:
    assert kombu.__version__ == "5.7.0"


@pytest.mark.parametrize("function", READ, ids=lambda function: function.__qualname__)
def test_what_is_overridden_is_as_it_was_read(function: Callable[..., Any]) -> None:
    assert digest(function) == READ[function]


def test_sqs_is_spoken_by_our_transport() -> None:
    app = create_celery(Settings(celery_queue_url="http://127.0.0.1:1/1/amply-celery-queue"))
    with app.connection() as connection:
        assert connection.get_transport_cls() is Transport


def channel_of(kind: type[SQS.Channel], error: Exception) -> SQS.Channel:
    """Return a channel without a connection, whose client raises this when a message is
    released.
    """

    class Refusing(kind):  # type: ignore[misc, valid-type]
        wait_time_seconds = 1
        sqs_base64_encoding = False

        def __init__(self) -> None:
            """Do not connect."""

        def _new_queue(self, queue: str, **_: Any) -> str:
            return queue

        def canonical_queue_name(self, queue_name: str) -> str:
            return queue_name

        def sqs(self, **_: Any) -> Any:
            return SimpleNamespace(change_message_visibility=self.refuse, send_message=self.refuse)

        def refuse(self, **_: Any) -> None:
            raise error

    return Refusing()


GIVEN_BACK = {"redelivered": True, "properties": {"delivery_tag": "stale"}}


def test_kombu_still_dies_of_an_answer_5xx() -> None:
    with pytest.raises(AttributeError):
        SQS.Channel._on_messages_ready(channel_of(SQS.Channel, STALE), "url", "queue", [])


def test_kombu_still_dies_of_a_stale_receipt_handle() -> None:
    with pytest.raises(ClientError):
        channel_of(SQS.Channel, STALE)._put("queue", dict(GIVEN_BACK))


def test_a_stale_receipt_handle_is_left_to_sqs() -> None:
    channel_of(Channel, STALE)._put("queue", dict(GIVEN_BACK))


def test_a_permission_that_is_missing_is_not_hidden() -> None:
    with pytest.raises(ClientError):
        channel_of(Channel, DENIED)._put("queue", dict(GIVEN_BACK))


def test_a_message_that_cannot_be_sent_is_not_hidden() -> None:
    with pytest.raises(ClientError):
        channel_of(Channel, STALE)._put("queue", {"properties": {}})


def options_set(client: CurlClient) -> set[int]:
    """Return the curl options that a client sets for a request."""
    seen: list[int] = []
    curl = SimpleNamespace(setopt=lambda option, _: seen.append(option), unsetopt=lambda _: None)
    client._setup_request(curl, Request("http://127.0.0.1:1/", method="GET"), BytesIO(), {})
    client.close()
    return set(seen)


def test_kombu_still_waits_for_an_answer_forever() -> None:
    import pycurl  # type: ignore[import-untyped]  # noqa: PLC0415

    bounds = {pycurl.TIMEOUT, pycurl.TIMEOUT_MS, pycurl.CONNECTTIMEOUT}
    assert not options_set(CurlClient(Hub())) & bounds
    assert options_set(_BoundedClient(Hub(), 20)) & bounds == {
        pycurl.TIMEOUT_MS,
        pycurl.CONNECTTIMEOUT,
    }


if __name__ == "__main__":
    print_digests(READ)
