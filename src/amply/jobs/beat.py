"""RedBeat with a sign of life, which ends with one line when it has lost Redis.

`tests/amply/jobs/test_redbeat_pin.py` fails when RedBeat's code changes.
"""

import logging
import time
from types import SimpleNamespace

import celery.beat  # type: ignore[import-untyped]
from celery.signals import beat_init  # type: ignore[import-untyped]
from redbeat import RedBeatScheduler  # type: ignore[import-untyped]
from redbeat.schedulers import acquire_distributed_beat_lock  # type: ignore[import-untyped]
from redis import RedisError

from amply.base import metrics
from amply.jobs import health

logger = logging.getLogger(__name__)

_REPORT_EVERY_SECONDS = 60


# Celery swallows what a signal raises: a beat that cannot have its lock would go on without one.
beat_init.disconnect(acquire_distributed_beat_lock)


class Service(celery.beat.Service):  # type: ignore[misc]
    """A beat that ends when Redis is lost, because its lock is lost too: ECS starts
    another beat.
    """

    def start(self, *args: object, **kwargs: object) -> None:
        """Tick until it is stopped.

        Raise SystemExit(1) without Redis, or without the lock.
        """
        try:
            super().start(*args, **kwargs)
        except RedisError as error:
            logger.critical("Redis is lost: %s", error)
            raise SystemExit(1) from None


class Scheduler(RedBeatScheduler):  # type: ignore[misc]
    """A scheduler with its schedule in Redis; one beat at a time holds the lock."""

    _is_set_up = False
    _ticks = 0
    _reported_at = float("-inf")

    def tick(self, *args: object, **kwargs: object) -> float:
        """Send what is due; return the seconds until the next tick."""
        if not self._is_set_up:
            acquire_distributed_beat_lock(SimpleNamespace(scheduler=self))
            # It was, before the wait for the lock; and Redis may have been emptied meanwhile.
            self.setup_schedule()
            self.app.publish_load()  # one beat alone comes here
            self._is_set_up = True
        pause: float = super().tick(*args, **kwargs)
        health.alive("beat")
        self._ticks += 1
        if time.monotonic() - self._reported_at >= _REPORT_EVERY_SECONDS:
            metrics.count("BeatTicks", self._ticks)
            self._ticks, self._reported_at = 0, time.monotonic()
        return pause
