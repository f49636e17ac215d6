"""Ends the processes of a run that was killed.

It is a program that outlives its parent: when the parent dies, the kernel closes its standard
input. A process belongs to the run if its working directory is in the run's directory.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def ended_with_us(directory: Path) -> Iterator[None]:
    """End all processes below a directory when the block ends or this process dies."""
    watching = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, directory],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    with watching:  # closes its standard input, and waits for it
        yield


def _in(directory: Path) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is another user's
            if (process / "cwd").readlink().is_relative_to(directory):
                yield int(process.name)


def _main() -> None:
    directory = Path(sys.argv[1]).resolve()
    sys.stdin.read()
    while found := list(_in(directory)):  # one of them may be starting another
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    _main()
