"""Ctrl-C and SIGTERM as a request, not an exception: writers finish their work and report."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # CI systems cancel a job with either, or both


class Request:
    """A request to stop. Call it to learn whether one came; `clear` it once answered."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.set, self.clear = self._event.set, self._event.clear

    def __call__(self) -> bool:
        """Return whether a signal has come."""
        return self._event.is_set()


@contextmanager
def listening() -> Iterator[Request]:
    """Record Ctrl-C and SIGTERM inside the block; yield a function that returns whether one
    came.

    A second Ctrl-C raises KeyboardInterrupt. Python handles signals only in the main thread;
    elsewhere this records nothing.
    """
    request = Request()

    def note(number: int, _: object) -> None:
        if request() and number == signal.SIGINT:
            raise KeyboardInterrupt
        request.set()

    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
