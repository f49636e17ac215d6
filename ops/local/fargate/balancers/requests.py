"""The requests that load balancers have answered in the last minute."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass

_WINDOW = 60.0
"""Real seconds: that long ago a request counts."""


@dataclass(frozen=True)
class Answer:
    """The answer to a request."""

    status: int
    seconds: float = 0.0
    """From the request until the target's answer begins."""
    group: str | None = None
    """ARN of the target group, if a target was chosen."""
    is_targets: bool = False
    """Whether the target answered, and not the load balancer itself."""


class Requests:
    """The answers of the last minute, by load balancer. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: deque[tuple[float, str, Answer]] = deque()

    def add(self, balancer: str | None, answer: Answer) -> None:
        """Count an answer of the load balancer with this ARN; None is not counted."""
        if balancer is not None:
            with self._lock:
                self._answers.append((time.monotonic(), balancer, answer))

    def recent(self) -> list[tuple[str, Answer]]:
        """Return the answers of the last minute, and forget older ones."""
        oldest = time.monotonic() - _WINDOW
        with self._lock:
            while self._answers and self._answers[0][0] <= oldest:
                self._answers.popleft()
            return [(balancer, answer) for _, balancer, answer in self._answers]
