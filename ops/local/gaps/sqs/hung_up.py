"""Long polls whose consumer has disconnected get no message.

AWS: a message that is received and not deleted is hidden until its visibility timeout. The end
of a poll whose connection is closed is not documented.

moto: a poll continues for its whole wait and gives the next message to nobody, so that a worker
that ends hides a message for minutes.

Closed: a poll ends without a message once its connection is closed.
"""

from __future__ import annotations

import socket
from typing import Any

import flask
from moto.sqs.models import Queue
from werkzeug.exceptions import ClientDisconnected


def close() -> None:
    """End polls that have no consumer. A second call has no effect."""
    original = Queue.wait_for_messages
    if hasattr(original, "looks_at_its_consumer"):
        return

    def wait_for_messages(self: Queue, timeout: int) -> None:
        original(self, timeout)
        if _consumer_has_gone():
            raise ClientDisconnected

    wait_for_messages.looks_at_its_consumer = True  # type: ignore[attr-defined]
    Queue.wait_for_messages = wait_for_messages  # type: ignore[method-assign]


def _consumer_has_gone() -> bool:
    """Tell whether the connection of the present request was closed at its other end."""
    if not flask.has_request_context():
        return False
    connection: Any = flask.request.environ.get("werkzeug.socket")
    if connection is None:
        return False
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
