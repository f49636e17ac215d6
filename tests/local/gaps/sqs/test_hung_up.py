"""A long poll whose consumer has disconnected."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from ops.local.endpoint.server import EmbeddedAws

POLL = "Action=ReceiveMessage&WaitTimeSeconds=20&QueueUrl="


def test_a_message_is_not_handed_to_a_consumer_that_has_gone(aws: EmbeddedAws, name: str) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    address = urlsplit(aws.endpoint)
    body = f"{POLL}{url}".encode()
    with socket.create_connection((address.hostname, address.port)) as consumer:
        consumer.sendall(
            b"POST / HTTP/1.1\r\nHost: sqs\r\nAuthorization: AWS4-HMAC-SHA256 "
            b"Credential=k/20260101/eu-central-1/sqs/aws4_request\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        consumer.settimeout(0.5)
        with pytest.raises(TimeoutError):  # it waits
            consumer.recv(1)
    sqs.send_message(QueueUrl=url, MessageBody="work")
    assert "Messages" in sqs.receive_message(QueueUrl=url)
