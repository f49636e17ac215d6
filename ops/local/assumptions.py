"""The list of a run's assumptions about things that only an account or a pipeline knows.

It is a list for one process, as there is one embedded AWS in a process. `ops local up` prints it.
"""

from __future__ import annotations

import threading

_notes: dict[str, None] = {}
_lock = threading.Lock()


def note(text: str) -> None:
    """Record an assumption, once."""
    with _lock:
        _notes[text] = None


def take() -> list[str]:
    """Return all assumptions so far, and clear the list."""
    with _lock:
        notes = list(_notes)
        _notes.clear()
    return notes
