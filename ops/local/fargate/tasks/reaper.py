"""A program that kills the processes of tasks after their Fargate was killed.

It runs separately and outlives its parent: it reads `+PID` and `-PID` (the leader of a process
group that has started or ended) from its standard input, and kills the remaining groups when that
closes; the kernel closes it however the parent dies.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys


def main() -> None:
    """Track the groups until the parent is gone, then kill the remaining ones."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line.startswith("+") else groups.discard)(int(line[1:]))
    for group in groups:
        kill_group(group)


def kill_group(group: int) -> None:
    """Kill every process of a group, if it exists."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


class Reaper:
    """The reaper's parent side: starts the reaper, and tells it which groups to kill."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def began(self, group: int) -> None:
        """Register a group to kill if this process dies."""
        self._tell(f"+{group}\n")

    def ended(self, group: int) -> None:
        """Unregister a group."""
        self._tell(f"-{group}\n")

    def stop(self) -> None:
        """Kill the groups that have not ended, and stop."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # somebody has killed it: do without
                self._process.stdin.write(line)
                self._process.stdin.flush()


if __name__ == "__main__":
    main()
