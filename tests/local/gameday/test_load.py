"""Loads and probes, against a small server."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import pytest

from ops.local.gameday.evidence import Evidence
from ops.local.gameday.load import Probe, send, unsettled
from ops.local.gameday.story import Each, Load, Serving
from ops.local.load import ask
from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator


class Shop(BaseHTTPRequestHandler):
    """A shop that accepts two of three orders, and settles those with an even number."""

    keys: ClassVar[list[str]] = []
    number = 0
    lock = threading.Lock()

    def do_POST(self) -> None:
        """Accept an order, or refuse every third."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.lock:
            self.keys.append(self.headers["Key"] + body["article"])
            type(self).number += 1
            self._answer(500 if self.number % 3 == 0 else 201, {"id": self.number})

    def do_GET(self) -> None:
        """Show an order."""
        last = self.path.rpartition("/")[2]
        settled = last.isdigit() and int(last) % 2 == 0
        self._answer(200, {"status": "done" if settled else "open"})

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _answer(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def url() -> Iterator[str]:
    """Return the URL of a shop."""
    Shop.keys.clear()
    Shop.number = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_load_counts_what_was_taken_and_makes_each_request_unique(url: str) -> None:
    evidence = Evidence()
    load = Load(path="/orders", number=6, headers={"Key": "{unique}"}, body={"article": "{unique}"})
    assert sorted(send(url, load, evidence)) == ["1", "2", "4", "5"]
    assert (evidence.made, evidence.refused) == (4, ["status 500"] * 2)
    assert len(set(Shop.keys)) == 6


def test_what_is_not_settled_is_named(url: str) -> None:
    each = Each(path="/orders/{id}", field="status", value="done")
    assert unsettled(url, each, ["2", "4"], 5) == []
    assert unsettled(url, each, ["2", "5"], 0) == ["5 is open"]


def test_a_probe_counts_answers_of_another_status(url: str) -> None:
    evidence = Evidence()
    probe = Probe(url, Serving(path="/", status=204), evidence)
    until("two answers came", lambda: evidence.asked > 1)
    probe.stop()
    assert evidence.unserved[:2] == ["status 200", "status 200"]


def test_no_answer_is_status_0() -> None:
    assert ask(f"http://127.0.0.1:{free_port()}/") == (0, None)
