"""Beats for tests: real processes with their schedule in this machine's Redis."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import redis

from tests.amply.support.processes import Process, running
from tests.amply.support.queue.sqs_stand_in import StandIn
from tests.amply.support.queue.workers import CELERY, environment
from tests.amply.support.services import require_redis


@contextmanager
def new_schedule() -> Iterator[str]:
    """Yield the key prefix of an empty schedule; remove its keys afterwards."""
    prefix = f"amply-test-{uuid4().hex}:"
    try:
        yield prefix
    finally:
        forget(prefix)


def forget(schedule: str) -> None:
    """Delete all keys of a schedule, as when Redis is replaced by an empty one."""
    with redis.Redis.from_url(require_redis()) as client:
        for key in client.scan_iter(f"{schedule}*"):
            client.delete(key)


@contextmanager
def beat(
    stand_in: StandIn,
    home: Path,
    schedule: str,
    level: str = "info",
    redis_url: str = "",
    **more: str,
) -> Iterator[Process]:
    """Start a beat, which may have to wait for its lock."""
    store = redis_url or require_redis()
    given = environment(stand_in, home, REDIS_URL=store, TEST_REDBEAT_KEY_PREFIX=schedule, **more)
    with running((*CELERY, "beat", f"--loglevel={level}"), given, home) as process:
        yield process
