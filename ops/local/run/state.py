"""The state with which `ops local run` and `ops local down` find a running `ops local`.

It locks a file with its process ID for its whole lifetime: so neither leftovers nor a later process
with the same ID are mistaken for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, TextIO

from ops.base.errors import OpsError
from ops.local.run.assumed.borrowed import give_back

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

_PATIENCE = 30.0
"""Seconds: an embedded AWS ends within 10."""
_LOOK_AGAIN = 0.1
_LOCK = "lock"


def directory_of(root: Path) -> Path:
    """Return the directory of a workspace's embedded AWS; `down` removes it."""
    return root / ".ops" / "local"


@dataclass(frozen=True)
class State:
    """A running embedded AWS: its process, and the variables for its clients."""

    pid: int
    variables: dict[str, str]
    placeholders: list[str] = field(default_factory=list)
    """The names of those variables that a shell may replace."""

    def variables_in(self, shell: Mapping[str, str]) -> dict[str, str]:
        """Return the variables without the placeholders that the shell has a value for."""
        replaced = {name for name in self.placeholders if name in shell}
        return {name: value for name, value in self.variables.items() if name not in replaced}

    def write(self, root: Path) -> None:
        """Save the state, readable only by the user."""
        path = directory_of(root) / "state.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)))


def read(root: Path) -> State | None:
    """Return the running embedded AWS of a workspace; None before its start is complete."""
    with _running(root) as running:
        if running is None:
            return None
        try:
            return State(**json.loads((directory_of(root) / "state.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def require(root: Path) -> State:
    """Return the running embedded AWS of a workspace.

    Raise OpsError if there is none.
    """
    state = read(root)
    if state is None:
        raise OpsError(
            f"No embedded AWS is running for the workspace in {root}",
            "Start one with `ops local up`.",
        )
    return state


def claim(root: Path) -> Path:
    """Return an empty directory for the embedded AWS of this process.

    Raise OpsError if one is already running.
    """
    directory = directory_of(root)
    directory.mkdir(parents=True, mode=0o700, exist_ok=True)
    with (directory / _LOCK).open("a+") as lock:
        if not _lock(lock):
            raise OpsError(
                f"The embedded AWS of this workspace is already running (process {_pid(lock)})",
                "Stop it with `ops local down`.",
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        # A second descriptor that is never closed: the lock is released when the process ends.
        os.dup(lock.fileno())
    give_back(root, directory)
    _empty(directory, keep=(_LOCK,))
    return directory


def end(root: Path) -> bool:
    """Stop the running embedded AWS, and return whether there was one.

    Raise OpsError if it does not stop.
    """
    with _running(root) as running:
        if running is not None:
            pid = _pid(running)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + _PATIENCE
            while not _lock(running):
                if time.monotonic() > deadline:
                    raise OpsError(
                        f"The embedded AWS (process {pid}) did not stop",
                        f"Run `kill -9 {pid}`; its tasks stop with it.",
                    )
                time.sleep(_LOOK_AGAIN)
    remove(root)
    return running is not None


def remove(root: Path, keep: Collection[str] = ()) -> None:
    """Remove all files of the embedded AWS, except those named `keep`."""
    directory = directory_of(root)
    give_back(root, directory)
    _empty(directory, keep)
    with contextlib.suppress(OSError):  # somebody, or a kept file, is still there
        directory.rmdir()
        directory.parent.rmdir()


def _empty(directory: Path, keep: Collection[str]) -> None:
    try:
        entries = list(directory.iterdir())
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name not in keep:
            # A shutdown that ends at once removes files while the one in order does.
            entry.unlink(missing_ok=True)


@contextlib.contextmanager
def _running(root: Path) -> Iterator[TextIO | None]:
    """Return the lock file, if a live process holds it."""
    try:
        lock = (directory_of(root) / _LOCK).open()
    except FileNotFoundError:
        yield None
        return
    with lock:
        yield None if _lock(lock) else lock


def _lock(file: TextIO) -> bool:
    """Acquire the lock, if it is free."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pid(lock: TextIO) -> int:
    lock.seek(0)
    return int(lock.read())
