"""Waiting for events of other processes and threads."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT = 60.0
"""Seconds after which a test gives up on something that should have happened."""

T = TypeVar("T")


def until(what: str, look: Callable[[], T], patience: float = WAIT) -> T:
    """Call a function until it returns something true, and return that."""
    deadline = time.monotonic() + patience
    while True:
        if seen := look():
            return seen
        assert time.monotonic() < deadline, f"not within {patience} s: {what}"
        time.sleep(0.02)
