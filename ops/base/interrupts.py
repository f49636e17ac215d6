"""Ctrl-C and SIGTERM as a request, not an exception: writers finish their work and report."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # CI systems cancel a job with either, or both


@contextmanager
def listening() -> Iterator[Callable[[], bool]]:
    """Note signals inside the block; yield a function that returns whether one came.

    A second Ctrl-C raises KeyboardInterrupt. Python handles signals only in the main thread; in
    another one, none is noted.
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
