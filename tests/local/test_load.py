"""The load that a workspace describes."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from ops.copilot.workspace import Load
from ops.local.load import send
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


class Shop(BaseHTTPRequestHandler):
    """A server that answers an order with its key and body."""

    def do_POST(self) -> None:
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps({"key": self.headers["Idempotency-Key"], "said": order["names"][0]})
        self.send_response(201 if order["amount"] == 5 else 500)
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop, bind_and_activate=False)
    server.request_queue_size = 64
    server.server_bind()
    server.server_activate()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_each_request_has_a_text_of_its_own(shop: str) -> None:
    load = Load(
        path="/orders",
        headers={"Idempotency-Key": "{unique}"},
        body={"amount": 5, "names": ["order {unique}"]},
    )
    answers = send(shop, load, 30)
    assert {status for status, _ in answers} == {201}
    assert len({answer["key"] for _, answer in answers}) == 30
    assert all(answer["said"] == f"order {answer['key']}" for _, answer in answers)


def test_a_load_balancer_that_is_not_there_gives_no_answer() -> None:
    answers = send(f"http://127.0.0.1:{free_port()}", Load(path="/"), 2)
    assert answers == [(0, None)] * 2
