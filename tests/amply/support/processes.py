"""Real processes for tests, with their own environment, read line by line, always ended."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from amply.base.settings import Settings

BIN = Path(sys.executable).parent
LONGEST_WAIT_SECONDS = 60.0

OURS = frozenset(name.upper() for name in Settings.model_fields) | {"AWS_ENDPOINT_URL"}
"""Variables in which the developer's shell must not decide how a test ends."""


class Process:
    """A running command, with its output so far (stdout and stderr)."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], cwd: Path) -> None:
        inherited = {name: value for name, value in os.environ.items() if name not in OURS}
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            [str(BIN / command[0]), *command[1:]],
            env={**inherited, **environment, "PYTHONUNBUFFERED": "1"},
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        self._process.stdout.close()
        with self._news:
            self._news.notify_all()

    def wait_for(self, wanted: Callable[[str], bool], times: int = 1) -> str:
        """Return a line's nth occurrence. Fail if the process ends or is silent for too long."""
        with self._news:
            self._news.wait_for(
                lambda: sum(map(wanted, self.lines)) >= times or not self._reader.is_alive(),
                LONGEST_WAIT_SECONDS,
            )
            found = [line for line in self.lines if wanted(line)]
        if len(found) < times:
            raise AssertionError("The line never came. There was:\n" + "\n".join(self.lines))
        return found[times - 1]

    def wait(self) -> int:
        """Return the exit code once the process has ended without a signal of ours."""
        code = self._process.wait(LONGEST_WAIT_SECONDS)
        self._reader.join()
        return code

    def stop(self) -> int:
        """End the process with SIGTERM, as Fargate does, and return its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self.wait()
        finally:
            self._process.kill()


@contextmanager
def running(command: Sequence[str], environment: dict[str, str], cwd: Path) -> Iterator[Process]:
    """Run a process for the length of a block."""
    process = Process(command, environment, cwd)
    try:
        yield process
    finally:
        process.stop()
