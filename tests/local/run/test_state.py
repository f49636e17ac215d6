"""The state with which `ops local run` and `down` find a running `up`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ops.base.errors import OpsError
from ops.local.run import state
from ops.local.run.state import State
from tests.waiting import WAIT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VARIABLES = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
HOLDER = """
import os, pathlib, signal, sys
from ops.local.run import state
root = pathlib.Path(sys.argv[1])
if "leaves nothing" in sys.argv:
    signal.signal(signal.SIGTERM, lambda *_: (state.remove(root), os._exit(0)))
state.claim(root)
if "is ready" in sys.argv:
    state.State(os.getpid(), {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}).write(root)
print("claimed", flush=True)
signal.pause()
"""


def test_a_shell_replaces_placeholders_and_nothing_else() -> None:
    running = State(1, {"IMAGE_TAG": "v1", "REGISTRY": "r", **VARIABLES}, ["IMAGE_TAG", "REGISTRY"])
    shell = {"IMAGE_TAG": "v2", "AWS_ENDPOINT_URL": "https://elsewhere.example"}
    assert running.variables_in(shell) == {"REGISTRY": "r", **VARIABLES}


@contextmanager
def holder(root: Path, *how: str) -> Iterator[subprocess.Popen[str]]:
    """Start another process that runs an embedded AWS."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root), *how], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        yield process
        process.kill()


def test_what_was_written_is_found_while_its_process_lives(tmp_path: Path) -> None:
    with holder(tmp_path, "is ready") as process:
        assert state.require(tmp_path) == State(process.pid, VARIABLES)
        path = state.directory_of(tmp_path) / "state.json"
        assert path.stat().st_mode & 0o077 == 0, "it is for the user's eyes only"
        process.kill()
        process.wait()
        assert state.read(tmp_path) is None


def test_nothing_runs_where_nothing_was_started(tmp_path: Path) -> None:
    assert state.read(tmp_path) is None
    with pytest.raises(OpsError, match=r"No embedded AWS is running .* `ops local up`"):
        state.require(tmp_path)
    assert state.end(tmp_path) is False
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_another_process_of_the_same_number_are_stale(tmp_path: Path) -> None:
    directory = state.directory_of(tmp_path)
    directory.mkdir(parents=True)
    (directory / "lock").write_text(str(os.getpid()))
    State(os.getpid(), VARIABLES).write(tmp_path)
    assert state.read(tmp_path) is None
    assert state.end(tmp_path) is False, "nobody is killed for a number"
    assert not directory.exists()


@pytest.mark.parametrize("text", ["", "{", "{}", '{"pid": 1}'])
def test_a_state_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    with holder(tmp_path):
        (state.directory_of(tmp_path) / "state.json").write_text(text)
        assert state.read(tmp_path) is None


def test_one_embedded_aws_a_workspace_even_while_it_starts(tmp_path: Path) -> None:
    with holder(tmp_path) as process, pytest.raises(
        OpsError, match=rf"already running \(process {process.pid}\).*`ops local down`"
    ):  # fmt: skip
        state.claim(tmp_path)


def test_a_claim_empties_what_a_crash_left(tmp_path: Path) -> None:
    with holder(tmp_path, "is ready") as process:
        (state.directory_of(tmp_path) / "tasks").mkdir()
        (state.directory_of(tmp_path) / "copilot.log").write_text("old")
        process.kill()
        process.wait()
        directory = state.claim(tmp_path)
    assert [path.name for path in directory.iterdir()] == ["lock"]
    assert directory.stat().st_mode & 0o077 == 0
    state.remove(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_claim_may_follow_an_end_in_the_same_process(tmp_path: Path) -> None:
    for _ in range(2):
        state.claim(tmp_path)
        state.remove(tmp_path)


@pytest.mark.parametrize("readiness", [(), ("is ready",)])
def test_an_end_waits_until_the_process_has_gone(tmp_path: Path, readiness: tuple[str]) -> None:
    with holder(tmp_path, "leaves nothing", *readiness) as process:
        assert state.end(tmp_path) is True
        assert process.wait(timeout=WAIT) == 0
    assert list(tmp_path.iterdir()) == []


def test_one_that_does_not_end_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "_PATIENCE", 0.1)
    with holder(tmp_path) as process:
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        with pytest.raises(OpsError, match=f"kill -9 {process.pid}"):
            state.end(tmp_path)


def test_what_is_to_be_kept_stays(tmp_path: Path) -> None:
    directory = state.claim(tmp_path)
    (directory / "copilot.log").write_text("why it failed")
    (directory / "tasks").mkdir()
    (directory / "other.log").write_text("")
    state.remove(tmp_path, keep=("copilot.log",))
    assert [path.name for path in directory.iterdir()] == ["copilot.log"]
    assert state.claim(tmp_path) == directory
    assert json.loads((directory / "lock").read_text()) == os.getpid()
    state.remove(tmp_path)


def test_two_may_remove_the_files_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forced shutdown may happen while the orderly one removes files."""
    directory = state.claim(tmp_path)
    lock, tasks = directory / "lock", directory / "tasks"
    tasks.mkdir()
    monkeypatch.setattr(type(directory), "iterdir", lambda _: iter([tasks, lock]))
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: lock.unlink())
    state.remove(tmp_path)
    assert not lock.exists()
