"""The state of one API process, measured without asking a dependency."""

import time
from collections.abc import Callable

from sqlalchemy import Engine, event
from sqlalchemy.pool import QueuePool

STUCK_AFTER_SECONDS = 60.0
"""A statement and its cancellation take 22 s at most: docs/decisions/0008-database.md."""


class Vitals:
    """The readiness of the process so far, and the movement of its connection pool.

    A locked table or a slow database fills the pool as well, but then statements time out and
    connections move. A pool that is full and does not move for a minute has lost its connections,
    and only a new process gets them back.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self.was_ready = False
        self._pool = engine.pool
        self._clock = clock
        self._moved_at = clock()
        for name in ("checkout", "checkin", "close"):
            event.listen(engine, name, self._note_move)

    def problem(self) -> str | None:
        """Return why this process must be replaced; None if it works."""
        pool = self._pool
        if not isinstance(pool, QueuePool) or pool.checkedout() < pool.size():
            return None
        seconds = self._clock() - self._moved_at
        if seconds < STUCK_AFTER_SECONDS:
            return None
        return f"no database connection has come back for {seconds:.0f} s"

    def _note_move(self, *_: object) -> None:
        self._moved_at = self._clock()
