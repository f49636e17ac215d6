"""What a running `ops local` leaves for `ops local run` and `ops local down` to find."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Collection

_PATIENCE = 150.0
"""Seconds: a worker may take its whole stop timeout of 120 to end."""
_LOOK_AGAIN = 0.1


def directory_of(root: Path) -> Path:
    """Where everything of a workspace's embedded AWS is kept; removed by `down`."""
    return root / ".ops" / "local"


@dataclass(frozen=True)
class State:
    """A running embedded AWS: its process, and the variables that lead clients to it."""

    pid: int
    workspace_environment: str
    variables: dict[str, str]

    def write(self, root: Path) -> None:
        """Make it known; for the user's eyes only."""
        path = directory_of(root) / "state.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)))


def read(root: Path) -> State | None:
    """The running embedded AWS of a workspace, or None."""
    try:
        state = State(**json.loads((directory_of(root) / "state.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return state if _lives(state.pid) else None


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
    """An empty directory for a new embedded AWS.

    Raises:
        OpsError: one is running already.
    """
    if (state := read(root)) is not None:
        raise OpsError(
            f"The embedded AWS of this workspace is running already (process {state.pid})",
            "End it with `ops local down`.",
        )
    directory = directory_of(root)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True, mode=0o700)
    return directory


def end(root: Path) -> bool:
    """End the running embedded AWS and wait until it has gone; whether there was one.

    Raises:
        OpsError: it does not end.
    """
    state = read(root)
    if state is not None:
        os.kill(state.pid, signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE
        while _lives(state.pid):
            if time.monotonic() > deadline:
                raise OpsError(
                    f"The embedded AWS (process {state.pid}) does not end",
                    f"Kill it: `kill -9 {state.pid}`; its tasks end with it.",
                )
            time.sleep(_LOOK_AGAIN)
    remove(root)
    return state is not None


def remove(root: Path, keep: Collection[str] = ()) -> None:
    """Remove all files of the embedded AWS, but for those of a name to `keep`."""
    directory = directory_of(root)
    for entry in directory.iterdir() if directory.is_dir() else ():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name not in keep:
            entry.unlink()
    with contextlib.suppress(OSError):  # somebody, or a kept file, is still there
        directory.rmdir()
        directory.parent.rmdir()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{pid}/stat")
    # A process that has ended but was not yet waited for answers signals all the same.
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
