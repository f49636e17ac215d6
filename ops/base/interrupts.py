"""Ctrl-C and SIGTERM as a wish, not an exception: whoever writes ends whole and reports."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # CI systems cancel a job with either, or both


@contextmanager
def listening() -> Iterator[Callable[[], bool]]:
    """Inside the block signals are noted; gives what tells whether one came.

    A second Ctrl-C raises KeyboardInterrupt. Python handles signals in the main thread: in
    another, none is noted.
    """
    asked = threading.Event()

    def note(number: int, _: object) -> None:
        if asked.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
