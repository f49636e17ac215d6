"""What a running `ops local` leaves for `ops local run` and `ops local down` to find.

It holds a lock on a file with its process id, for as long as that process lives: whatever ends it,
nobody takes its leftovers, or a later process of the same number, for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, TextIO

from ops.base.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_PATIENCE = 30.0
"""Seconds: an embedded AWS ends within 10."""
_LOOK_AGAIN = 0.1
_LOCK = "lock"


def directory_of(root: Path) -> Path:
    """Where everything of a workspace's embedded AWS is kept; removed by `down`."""
    return root / ".ops" / "local"


@dataclass(frozen=True)
class State:
    """A running embedded AWS: its process, and the variables that lead clients to it."""

    pid: int
    variables: dict[str, str]

    def write(self, root: Path) -> None:
        """Make it known; for the user's eyes only."""
        path = directory_of(root) / "state.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)))


def read(root: Path) -> State | None:
    """The running embedded AWS of a workspace, or None; None too while it is only starting."""
    with _running(root) as running:
        if running is None:
            return None
        try:
            return State(**json.loads((directory_of(root) / "state.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def require(root: Path) -> State:
    """The running embedded AWS of a workspace.

    Raises:
        OpsError: there is none.
    """
    state = read(root)
    if state is None:
        raise OpsError(
            f"No embedded AWS is running for the workspace in {root}",
            "Start one with `ops local up`.",
        )
    return state


def claim(root: Path) -> Path:
    """An empty directory for the embedded AWS of this process.

    Raises:
        OpsError: one is running already.
    """
    directory = directory_of(root)
    directory.mkdir(parents=True, mode=0o700, exist_ok=True)
    with (directory / _LOCK).open("a+") as lock:
        if not _lock(lock):
            raise OpsError(
                f"The embedded AWS of this workspace is running already (process {_pid(lock)})",
                "End it with `ops local down`.",
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        # A second descriptor, which nobody closes: the lock is let go of when the process ends.
        os.dup(lock.fileno())
    _empty(directory, keep=(_LOCK,))
    return directory


def end(root: Path) -> bool:
    """End the running embedded AWS and wait until it has gone; whether there was one.

    Raises:
        OpsError: it does not end.
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
                        f"The embedded AWS (process {pid}) does not end",
                        f"Kill it: `kill -9 {pid}`; its tasks end with it.",
                    )
                time.sleep(_LOOK_AGAIN)
    remove(root)
    return running is not None


def remove(root: Path, keep: Collection[str] = ()) -> None:
    """Remove all files of the embedded AWS, but for those of a name to `keep`."""
    directory = directory_of(root)
    _empty(directory, keep)
    with contextlib.suppress(OSError):  # somebody, or a kept file, is still there
        directory.rmdir()
        directory.parent.rmdir()


def _empty(directory: Path, keep: Collection[str]) -> None:
    for entry in directory.iterdir() if directory.is_dir() else ():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name not in keep:
            entry.unlink()


@contextlib.contextmanager
def _running(root: Path) -> Iterator[TextIO | None]:
    """The lock file, if a process that lives holds it."""
    try:
        lock = (directory_of(root) / _LOCK).open()
    except FileNotFoundError:
        yield None
        return
    with lock:
        yield None if _lock(lock) else lock


def _lock(file: TextIO) -> bool:
    """Take the lock, if nobody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pid(lock: TextIO) -> int:
    lock.seek(0)
    return int(lock.read())
