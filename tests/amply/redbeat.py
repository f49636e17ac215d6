"""Beats for tests: real processes, which keep their schedule in the Redis of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import redis

from tests.amply.processes import Process, running
from tests.amply.services import require_redis
from tests.amply.sqs_stand_in import StandIn
from tests.amply.workers import CELERY, environment


@contextmanager
def new_schedule() -> Iterator[str]:
    """The prefix of the keys of an empty schedule, which are removed afterwards."""
    prefix = f"amply-test-{uuid4().hex}:"
    try:
        yield prefix
    finally:
        forget(prefix)


def forget(schedule: str) -> None:
    """Remove everything about a schedule, as a Redis does that is replaced by an empty one."""
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
    """A beat, which may have to wait for its lock."""
    store = redis_url or require_redis()
    given = environment(stand_in, home, REDIS_URL=store, TEST_REDBEAT_KEY_PREFIX=schedule, **more)
    with running((*CELERY, "beat", f"--loglevel={level}"), given, home) as process:
        yield process
