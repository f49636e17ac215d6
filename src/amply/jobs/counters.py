"""Counters in Redis of recent messages and of workers, for scaling by load (`amply.jobs.load`).

SQS's own numbers may be a minute old, and only the workers know how many of them run.
"""

import logging
import time
from collections.abc import Callable

from redis import Redis, RedisError

logger = logging.getLogger(__name__)

BUCKET_SECONDS = 10
_BUCKETS = 2  # that are over, and make the rate
_KEPT_SECONDS = 120
_LEFT_ALONE_SECONDS = 10
WORKING_FOR_SECONDS = 12.0
"""How long after its last word a worker counts: twice as long as between two, and a little."""


class Counters:
    """The counters of one queue. `now` gives seconds since the epoch."""

    def __init__(self, redis: Redis, queue: str, now: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._prefix = f"amply:load:{queue}"
        self._now = now
        self._silent_until = float("-inf")

    def sent(self, number: int) -> None:
        """Count messages that the queue accepted.

        If Redis does not answer they are not counted, and Redis is not asked for a while, so
        that senders do not wait.
        """
        if self._now() < self._silent_until:
            return
        key = self._bucket(0)
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.incrby(key, number)
                pipeline.expire(key, _KEPT_SECONDS)
                pipeline.execute()
        except RedisError as error:
            self._silent_until = self._now() + _LEFT_ALONE_SECONDS
            logger.debug("Messages not counted: %s", error)

    def working(self, worker: str) -> None:
        """Record that a worker runs, and forget workers that no longer do. Raise RedisError."""
        key = f"{self._prefix}:workers"
        with self._redis.pipeline() as pipeline:
            pipeline.zadd(key, {worker: self._now()})
            pipeline.zremrangebyscore(key, "-inf", self._now() - _KEPT_SECONDS)
            pipeline.expire(key, _KEPT_SECONDS)
            pipeline.execute()

    def sent_per_second(self) -> float:
        """Return the mean of the last 10 to 20 whole seconds. Raise RedisError."""
        keys = [self._bucket(ago) for ago in range(1, _BUCKETS + 1)]
        counted = self._redis.mget(keys)
        return sum(int(count or 0) for count in counted) / (_BUCKETS * BUCKET_SECONDS)

    def workers(self) -> int:
        """Return the number of workers that consume. Raise RedisError."""
        key, oldest = f"{self._prefix}:workers", self._now() - WORKING_FOR_SECONDS
        return int(self._redis.zcount(key, oldest, "+inf"))

    def _bucket(self, ago: int) -> str:
        return f"{self._prefix}:sent:{int(self._now() // BUCKET_SECONDS) - ago}"
