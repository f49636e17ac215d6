"""Limits that are counted in Redis.

Without Redis nobody is limited: a donation must not depend on it.
"""

import logging
import time
from collections.abc import Callable
from hashlib import sha256

from redis import Redis, RedisError

logger = logging.getLogger(__name__)

_SECONDS_TO_ANSWER = 0.25
_LEFT_ALONE_SECONDS = 10.0


def redis_for_limits(url: str) -> Redis:
    """Return a client that does not make a donor wait."""
    return Redis.from_url(
        url, socket_connect_timeout=_SECONDS_TO_ANSWER, socket_timeout=_SECONDS_TO_ANSWER
    )


class RedisLimit:
    """At most `most` attempts of a subject in each window of `seconds`.

    Redis keeps a digest of the subject, for a window. `now` gives seconds since the epoch.
    """

    def __init__(
        self,
        redis: Redis,
        name: str,
        *,
        most: int,
        seconds: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._redis = redis
        self._name = name
        self._most = most
        self._seconds = seconds
        self._now = now
        self._silent_until = float("-inf")

    def admits(self, subject: str) -> bool:
        """See Limit.admits. If Redis does not answer, all are admitted for ten seconds."""
        if self._now() < self._silent_until:
            return True
        window = int(self._now() // self._seconds)
        digest = sha256(subject.encode()).hexdigest()[:32]  # pragma: no mutate - or a few more
        key = f"amply:limit:{self._name}:{window}:{digest}"
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.incr(key)
                pipeline.expire(key, self._seconds)
                count, _ = pipeline.execute()
        except RedisError as error:
            self._silent_until = self._now() + _LEFT_ALONE_SECONDS
            reason = type(error).__name__
            logger.warning("Limit not applied", extra={"limit": self._name, "reason": reason})
            return True
        return int(count) <= self._most
