"""The end of `ops local up` by Ctrl-C and SIGTERM: in order at first, then at once.

The first signal only takes effect where the main thread waits: KeyboardInterrupt anywhere else may
lose a process that is being started (Python knows it a moment later than the system does), or
interrupt a shutdown. A second signal, or a shutdown that takes longer than `LIMIT`, ends everything
at once.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from typing import NoReturn

LIMIT = 9.0
"""Seconds from the first signal until everything is ended at once."""

_LAST = 0.7
"""Seconds that the last action may then take."""

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _nothing() -> None:
    """Do nothing."""


class Stop:
    """A request to end, for the main thread, in which Python handles signals.

    :param at_once: called before everything is ended at once, such as to remove files. The reaper's
    processes (`ops.local.fargate.tasks.reaper`) end with this one.
    :param limit: seconds from the first signal until everything is ended at once
    """

    def __init__(self, at_once: Callable[[], None] = _nothing, limit: float = LIMIT) -> None:
        self._at_once = at_once
        self._limit = limit
        self._is_requested = False
        self._is_waiting = False
        self._watchdog: threading.Timer | None = None
        self._processes: set[subprocess.Popen[Any]] = set()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Note signals inside the block."""
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            yield
        finally:
            if self._watchdog is not None:
                self._watchdog.cancel()
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Raise KeyboardInterrupt inside the block, which only waits, once a signal has come."""
        self._is_waiting = True
        try:
            if self._is_requested:
                raise KeyboardInterrupt
            yield
        finally:
            self._is_waiting = False

    @contextlib.contextmanager
    def waiting_for(self, *processes: subprocess.Popen[Any]) -> Iterator[None]:
        """Act as `interruptible`; a signal also kills the processes, each with its group.

        Terminals send Ctrl-C to a whole group: processes in groups of their own get it from here.
        """
        self._processes.update(processes)
        try:
            with self.interruptible():
                yield
        except BaseException:
            for process in processes:
                _kill(process)
                process.wait()
            raise
        finally:
            self._processes.difference_update(processes)

    def wait(self) -> None:
        """Wait for a signal."""
        with contextlib.suppress(KeyboardInterrupt), self.interruptible():
            threading.Event().wait()

    def _on_signal(self, _number: int, _frame: object) -> None:
        if self._is_requested:
            self._end_at_once()
        self._is_requested = True
        self._watchdog = threading.Timer(self._limit, self._end_at_once)
        self._watchdog.daemon = True
        self._watchdog.start()
        if self._is_waiting:
            self._is_waiting = False
            raise KeyboardInterrupt

    def _end_at_once(self) -> NoReturn:
        """End the process without unwinding, because a shutdown did not complete."""
        try:
            for process in list(self._processes):
                _kill(process)
            # In a thread: to remove many files takes seconds on a busy machine, and whoever
            # pressed Ctrl-C waits. What is left is removed by the next `up` or `down`.
            last = threading.Thread(target=self._try_at_once, daemon=True)
            last.start()
            last.join(_LAST)
            os.write(sys.stderr.fileno(), b"Ended at once.\n")
        finally:
            os._exit(INTERRUPTED)

    def _try_at_once(self) -> None:
        with contextlib.suppress(OSError):
            self._at_once()


def _kill(process: subprocess.Popen[Any]) -> None:
    """Kill a process with its group."""
    if process.poll() is None:
        # PermissionError, on macOS: it has ended just now.
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
