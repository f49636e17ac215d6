"""The load of each worker, as a metric every ten seconds, for scaling.

Off unless LOAD_SECONDS_PER_TASK says how long a message keeps a process busy. Then senders count
messages, each worker reports that it runs, and beat publishes `LoadPerTask`: 1 means that every
worker is always busy. docs/decisions/0011-metrics-are-log-lines.md.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from celery.signals import worker_ready, worker_shutting_down  # type: ignore[import-untyped]

from amply.base import metrics
from amply.jobs import health

if TYPE_CHECKING:
    from amply.jobs.counters import Counters

logger = logging.getLogger(__name__)

_PERIOD_SECONDS: float = 10
_WORD_EVERY_SECONDS = 5
_DRAIN_SECONDS = 60  # what waits is load as if it were due within this time
_HIGH_RESOLUTION: Literal[1] = 1
# What one worker fewer would carry while only one runs: more than any policy scales in below.
# Without a value the alarm would re-evaluate its last points, and remove the last worker.
_LAST_WORKER = 10.0

_ending = threading.Event()


def install() -> None:
    """Make workers report that they run. A second call changes nothing."""
    worker_ready.connect(_begin, weak=False, dispatch_uid="amply-load")
    worker_shutting_down.connect(_end, weak=False, dispatch_uid="amply-load")


def load(sent_per_second: float, waiting: int, seconds: float, workers: int) -> float | None:
    """Return the load of so many workers, as a share of their time; None without workers.

    `seconds` is the time that a message takes of a worker with all its processes.
    """
    if workers < 1:
        return None
    return (sent_per_second * seconds + waiting * seconds / _DRAIN_SECONDS) / workers


def publish(counters: "Counters", waiting: Callable[[], int], seconds: float) -> None:
    """Write the current load, and the load with one worker fewer.

    Write nothing while no worker runs. Raise RedisError, and whatever `waiting` raises.
    """
    sent, waits, workers = counters.sent_per_second(), waiting(), counters.workers()
    now, fewer = (load(sent, waits, seconds, number) for number in (workers, workers - 1))
    if now is None:
        return
    for name, value in (("LoadPerTask", now), ("LoadWithOneTaskFewer", fewer)):
        written = _LAST_WORKER if value is None else round(value, 4)
        metrics.gauge(name, written, "None", resolution=_HIGH_RESOLUTION)


def publish_always(counters: "Counters", queue_url: str, region: str, seconds: float) -> None:
    """Publish from a new thread until the process ends."""
    # Loaded here: only beat asks, and only when it is told to.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from redis import RedisError  # noqa: PLC0415

    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
    sqs = boto3.client("sqs", region_name=region, config=config)

    def waiting() -> int:
        answer = sqs.get_queue_attributes(
            QueueUrl=queue_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def tell() -> None:
        try:
            publish(counters, waiting, seconds)
        except (RedisError, BotoCoreError, ClientError) as error:
            logger.warning("Load not published: %s", error)

    _repeat(tell, _PERIOD_SECONDS)


def _begin(sender: Any, **_: object) -> None:  # noqa: ANN401 - Celery's consumer
    counters = sender.app.counters
    if counters is None:
        return
    from redis import RedisError  # noqa: PLC0415 - there as `counters` are

    name = f"{socket.gethostname()}:{os.getpid()}"

    def tell() -> None:
        silent = health.seconds_silent("worker")
        try:
            if silent is not None and silent <= health.LONGEST_SILENCE_SECONDS["worker"]:
                counters.working(name)
        except RedisError as error:
            logger.debug("Worker not counted: %s", error)

    _repeat(tell, _WORD_EVERY_SECONDS)


def _repeat(tell: Callable[[], None], every_seconds: float) -> None:
    """Repeat a function in a new thread until the process ends, even after an unexpected error.

    A worker ends the thread once it is told to stop, because it takes no more messages.
    """

    def run() -> None:
        while True:
            try:
                tell()
            except Exception:
                logger.exception("Load not told")
            if _ending.wait(every_seconds):
                return

    threading.Thread(target=run, name="load", daemon=True).start()


def _end(**_: object) -> None:
    _ending.set()
