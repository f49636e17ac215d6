"""Ctrl-C and SIGTERM end `ops local up` where it waits, and nowhere else.

KeyboardInterrupt anywhere else may lose a process that is just being started (Python knows of it
a moment later than the system does), or end the ending of others half-way.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """Whether the end was asked for. Used in the main thread, where Python handles signals."""

    def __init__(self) -> None:
        self._is_asked = False
        self._is_waiting = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Note signals inside the block."""
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Raise KeyboardInterrupt inside the block, which only waits, once a signal has come."""
        self._is_waiting = True
        try:
            if self._is_asked:
                raise KeyboardInterrupt
            yield
        finally:
            self._is_waiting = False

    @contextlib.contextmanager
    def waiting_for(self, *processes: subprocess.Popen[Any]) -> Iterator[None]:
        """As `interruptible`; a signal kills the processes, each with the group that it leads.

        Terminals send Ctrl-C to a whole group: in groups of their own they hear of it from us.
        """
        try:
            with self.interruptible():
                yield
        except BaseException:
            for process in processes:
                if process.poll() is None:
                    with contextlib.suppress(PermissionError):  # macOS: it has ended just now
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            raise

    def wait(self) -> None:
        """Return when a signal has come."""
        with contextlib.suppress(KeyboardInterrupt), self.interruptible():
            threading.Event().wait()

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._is_asked = True
        if self._is_waiting:
            self._is_waiting = False  # later signals can't hinder the end
            raise KeyboardInterrupt
