"""Every decision of the control plane, with its inputs and the rule that made it."""

from __future__ import annotations

import json
import threading
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

FILE = "decisions.jsonl"
_REMEMBERED = 10_000


class Journal:
    """A list of entries, also written to a file, one JSON object a line. Thread-safe."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)

    def add(self, time: float, kind: str, subject: str, rule: str, **inputs: Any) -> None:
        """Add an entry.

        :param time: that of the control plane, in seconds since 1970
        :param kind: `alarm`, `notification`, `scaling`, `schedule`, `tasks`, `deployment`, `spot`,
            `event`, `job`
        """
        moment = datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds")
        entry = {"time": moment, "kind": kind, "subject": subject, "rule": rule, **inputs}
        with self._lock:
            self._entries.append(entry)
            if self._path is not None:
                with self._path.open("a") as file:
                    file.write(json.dumps(entry, default=str) + "\n")

    def entries(self) -> list[dict[str, Any]]:
        """Return the entries, the oldest first."""
        with self._lock:
            return list(self._entries)
