"""Ends the processes of tasks whose Fargate was killed without a chance to do so itself.

Run as a program of its own, which outlives its parent: it reads `+PID` and `-PID` (the leader
of a process group that has begun or ended) from its standard input, and kills what is left
of them when that closes, as the kernel closes it however the parent dies.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys


def main() -> None:
    """Follow the groups until the parent is gone, then kill those left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line.startswith("+") else groups.discard)(int(line[1:]))
    for group in groups:
        kill_group(group)


def kill_group(group: int) -> None:
    """Kill every process of a group, if there is any."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


class Reaper:
    """The parent's side."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def began(self, group: int) -> None:
        """Kill this group should we die."""
        self._tell(f"+{group}\n")

    def ended(self, group: int) -> None:
        """Leave this group alone from now on."""
        self._tell(f"-{group}\n")

    def stop(self) -> None:
        """Kill the groups that have not ended, and end."""
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
