"""Output for terminals: colours, and a progress bar for long work."""

import os
import pty
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops.__main__ import main
from tests.ops.conftest import Ops
from tests.ops.support.every_kind import ALARM

COLOUR = re.compile(r"\x1b\[\d+m")
BAR = re.compile(r"writing .*100%")


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Make stdout and stderr a terminal; yield a function that closes it and returns its output."""
    ours, theirs = pty.openpty()
    parts: list[bytes] = []

    def receive() -> None:
        while True:
            try:
                parts.append(os.read(ours, 65536))
            except OSError:  # Linux says so when nobody has the other end any more
                return

    receiver = threading.Thread(target=receive)
    receiver.start()
    stream = os.fdopen(theirs, "w")

    def shown() -> str:
        stream.close()
        receiver.join(timeout=30)
        return b"".join(parts).decode()

    try:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stream)
            patch.setattr(sys, "stderr", stream)
            yield shown
    finally:
        shown()
        os.close(ours)


def declare(workspace: Path, alarms: int) -> None:
    defined = "".join(f"    alarm-{at}: {ALARM}\n" for at in range(alarms))
    (workspace / "copilot/web/ops.yml").write_text(f"alarms:\n  define:\n{defined}")


def sync(monkeypatch: pytest.MonkeyPatch) -> str:
    with terminal(monkeypatch) as shown:
        assert main(["alarms", "sync", "--env", "prod", "--yes"]) == 0
        return shown()


@pytest.mark.parametrize(("alarms", "has_bar"), [(19, False), (20, True)])
def test_a_terminal_gets_colour_and_where_it_takes_long_a_bar(
    deployed: dict[str, str],
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    alarms: int,
    *,
    has_bar: bool,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    declare(workspace, alarms)
    shown = sync(monkeypatch)
    assert COLOUR.search(shown)
    assert f"{alarms} to create" in shown
    assert bool(BAR.search(shown)) is has_bar


def test_who_wants_no_colour_gets_none(
    deployed: dict[str, str], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    declare(workspace, 20)
    shown = sync(monkeypatch)
    assert "+ create shop-prod-web-alarm-0" in shown
    assert not COLOUR.search(shown)
    assert BAR.search(shown)


def test_a_pipe_gets_neither(ops: Ops, deployed: dict[str, str], workspace: Path) -> None:
    declare(workspace, 20)
    synced = ops("alarms", "sync", "--env", "prod")
    assert synced.out.count("✔ created") == 20
    assert "\x1b" not in synced.out + synced.err
    assert "writing" not in synced.err
