"""Additional processes of a workspace."""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest

from ops.base.errors import OpsError
from ops.copilot.workspace import Companion
from ops.local.run.processes import companions as module
from ops.local.run.processes.companions import Companions, ports_for
from ops.local.run.processes.stop import Stop
from tests.local.fargate.world import alive
from tests.ports import listens
from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVE = """
import http.server, os, sys
print("serving", flush=True)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(str(os.getpid()).encode())
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVE
SILENT = "import threading; threading.Event().wait()"
ENDS = "import sys; print('first'); print('no licence key', file=sys.stderr); sys.exit(3)"


@pytest.fixture
def reported() -> list[str]:
    return []


@pytest.fixture
def companions(tmp_path: Path, reported: list[str]) -> Iterator[Companions]:
    environment = {"PATH": os.environ["PATH"]}
    started = Companions(tmp_path, environment, Stop(), reported.append)
    yield started
    started.stop()


@pytest.fixture
def port() -> int:
    (number,) = ports_for(["it"]).values()
    return int(number)


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.3)


def companion(
    port: int, program: str, name: str = "it", scheme: str = "http", unless: str | None = None
) -> Companion:
    return Companion(
        name=name,
        command=(sys.executable, "-c", program, str(port)),
        ready=f"{scheme}://127.0.0.1:{port}",
        unless=unless,
    )


@pytest.mark.parametrize("scheme", ["http", "tcp"])
def test_a_companion_is_ready_when_started_and_gone_when_stopped(
    companions: Companions, tmp_path: Path, port: int, scheme: str
) -> None:
    assert companions.start([companion(port, SERVE, scheme=scheme)]) == ["it"]
    assert listens(port)
    assert (tmp_path / "it.log").read_text() == "serving\n"
    companions.stop()
    assert not listens(port)


def test_one_that_ignores_the_signal_is_killed(
    companions: Companions, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    companions.start([companion(port, STUBBORN)])
    monkeypatch.setattr(module, "_GRACE", 0.1)
    companions.stop()
    assert not listens(port)


def test_a_taken_port_is_named(companions: Companions) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(OpsError, match=f"Port {port} of the companion `it` is in use"):
            companions.start([companion(port, SERVE)])


def test_a_missing_command_is_named(companions: Companions, port: int) -> None:
    missing = Companion(name="it", command=("no-such-command",), ready=f"tcp://127.0.0.1:{port}")
    with pytest.raises(OpsError, match="`it` cannot be started:  no-such-command: No such file"):
        companions.start([missing])


def test_one_that_ends_early_says_its_last_words(companions: Companions, port: int) -> None:
    with pytest.raises(OpsError, match=r"`it` ended with code 3: .*no licence key"):
        companions.start([companion(port, ENDS)])


def test_one_that_is_never_ready_is_given_up_and_ended(
    companions: Companions, port: int, short_patience: None
) -> None:
    with pytest.raises(OpsError, match="`it` is not ready: no output"):
        companions.start([companion(port, SILENT)])
    (process,) = [process for _, process in companions._running]
    companions.stop()
    until("the process has gone", lambda: not alive(process.pid))


def test_the_shell_may_stand_in_for_one(
    companions: Companions, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    assert companions.start([companion(port, SERVE, unless="REDIS_URL")]) == []
    assert companions.start([companion(port, SERVE, unless="NOT_SET_HERE")]) == ["it"]


def test_one_that_dies_later_is_reported(
    companions: Companions, port: int, reported: list[str]
) -> None:
    companions.start([companion(port, SERVE)])
    (process,) = [process for _, process in companions._running]
    process.kill()
    until("its end is reported", lambda: reported)
    assert "`it` ended with code -9: serving" in reported[0]


def test_one_that_is_stopped_is_not_reported(
    companions: Companions, port: int, reported: list[str]
) -> None:
    companions.start([companion(port, SERVE)])
    companions.stop()
    assert reported == []


def test_each_companion_has_a_port_of_its_own() -> None:
    ports = ports_for(["redis", "stripe-mock"])
    assert ports.keys() == {"OPS_LOCAL_PORT_REDIS", "OPS_LOCAL_PORT_STRIPE_MOCK"}
    assert len(set(ports.values())) == 2


def test_one_that_is_paused_answers_nothing_until_it_goes_on(
    companions: Companions, port: int
) -> None:
    companions.start([companion(port, SERVE, name="web")])
    companions.pause("web", 0.5)
    began = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        assert answer.status == 200
    assert time.monotonic() - began > 0.3


def test_one_that_is_paused_ends_all_the_same(
    companions: Companions, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_GRACE", WAIT)
    companions.start([companion(port, SERVE, name="web")])
    companions.pause("web", 600)
    began = time.monotonic()
    companions.stop()
    assert time.monotonic() - began < module._GRACE
    assert not listens(port)


def test_an_unknown_one_cannot_be_paused(companions: Companions) -> None:
    with pytest.raises(OpsError, match="No companion `db` runs"):
        companions.pause("db", 1)
