"""The start of `celery worker` and `celery beat` in our services.

They check their settings first, a worker also the database's schema, and write only JSON lines,
without a banner.
"""

import logging
import sys

import celery.apps.worker  # type: ignore[import-untyped]
from celery import Celery
from celery.signals import (  # type: ignore[import-untyped]
    celeryd_init,
    setup_logging,
    worker_ready,
)
from celery.utils.log import LoggingProxy  # type: ignore[import-untyped]

from amply.base.logs import configure_logging
from amply.base.start import reported_in_one_line
from amply.jobs import health
from amply.migrations.schema import prepare

logger = logging.getLogger("amply.jobs")


def install() -> None:
    """Connect to the signals of Celery's commands. A second call changes nothing."""
    setup_logging.connect(_keep_our_logging, weak=False, dispatch_uid="amply-commands")
    celeryd_init.connect(_prepare_worker, weak=False, dispatch_uid="amply-commands")
    worker_ready.connect(_leave_sign_of_life, weak=False, dispatch_uid="amply-commands")
    celery.apps.worker.safe_say = _say  # "Warm shutdown" and the like, else written as plain text


def quiet_beat(beat_class: type) -> type:
    """Return Celery's Beat without its banner, and without a traceback when Redis is lost."""
    # Loaded here: a worker and the API have no use for RedBeat.
    from amply.jobs.beat import Service as BeatService  # noqa: PLC0415

    class QuietBeat(beat_class):  # type: ignore[misc]
        Service = BeatService

        def __init__(self, **options: object) -> None:
            super().__init__(**{**options, "quiet": True})

    return QuietBeat


def use_embedded_redis(app: Celery) -> None:
    """Keep RedBeat's schedule in this process."""
    # A development package, which the image does not hold.
    from fakeredis import FakeStrictRedis  # noqa: PLC0415

    app.redbeat_redis = FakeStrictRedis(decode_responses=True)  # where RedBeat looks first


def _keep_our_logging(loglevel: int, **_: object) -> None:
    configure_logging(loglevel)
    # billiard prints the traceback of a process of the pool that dies, past all loggers.
    sys.stderr = LoggingProxy(logging.getLogger("stderr"), logging.ERROR)


def _prepare_worker(instance: celery.apps.worker.Worker, **_: object) -> None:
    instance.quiet = True
    settings = instance.app.settings
    with reported_in_one_line():
        settings.require("worker")
        prepare(settings)


def _leave_sign_of_life(**_: object) -> None:
    # SQS has answered what the queue is. Its first answer to a poll of an empty queue is a whole
    # long poll away, for which a deploy would wait with each worker.
    health.alive("worker")


def _say(message: str, _stream: object = None) -> None:
    logger.info(message.removeprefix("worker: "))
