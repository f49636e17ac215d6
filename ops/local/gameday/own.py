"""An embedded AWS for a story, started if none is running."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from ops.base.errors import OpsError
from ops.local.run import state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ops.local.run.state import State

_READY = "is running after"
_PATIENCE = 60.0  # seconds in which it must end


@contextlib.contextmanager
def running_for(
    root: Path, environment: str, port: int, tell: Callable[[str], None]
) -> Iterator[State]:
    """Yield the running embedded AWS of a workspace; start one for the block if nothing runs.

    Raise OpsError if it does not start.
    """
    if (running := state.read(root)) is not None:
        yield running
        return
    command = [sys.executable, "-m", "ops", "local", "up", "--env", environment]
    process = subprocess.Popen(
        [*command, "--port", str(port)], cwd=root, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield _await(root, process, tell)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_PATIENCE)


def _await(root: Path, process: subprocess.Popen[str], tell: Callable[[str], None]) -> State:
    """Return the running embedded AWS once it is ready."""
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line.rstrip())
        if line.startswith("✔"):
            tell(line.rstrip())
        if _READY in line:
            return state.require(root)
    last = "\n".join(lines[-8:])
    raise OpsError(f"`ops local up` has not started:\n{last}")
