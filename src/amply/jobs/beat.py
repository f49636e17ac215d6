"""RedBeat, which also shows that it ticks."""

import time

from redbeat import RedBeatScheduler  # type: ignore[import-untyped]

from amply import metrics
from amply.jobs import health

_REPORT_EVERY_SECONDS = 60


class Scheduler(RedBeatScheduler):  # type: ignore[misc]
    """The schedule is kept in Redis, and one beat at a time holds the lock to work through it."""

    _is_set_up = False
    _ticks = 0
    _reported_at = float("-inf")

    def tick(self, *args: object, **kwargs: object) -> float:
        """Send what is due; gives the seconds until the next look."""
        if not self._is_set_up:
            # It was, before the wait for the lock; and Redis may have been emptied meanwhile.
            self.setup_schedule()
            self._is_set_up = True
        pause: float = super().tick(*args, **kwargs)
        health.alive("beat")
        self._ticks += 1
        if time.monotonic() - self._reported_at >= _REPORT_EVERY_SECONDS:
            metrics.count("BeatTicks", self._ticks)
            self._ticks, self._reported_at = 0, time.monotonic()
        return pause
