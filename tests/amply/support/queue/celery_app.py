"""The Celery application of the tests: ours, with short waits and tasks for tests."""

import logging
import os
import signal
import time
from pathlib import Path

from amply.base.logs import configure_logging
from amply.base.settings import load_settings
from amply.jobs import load, transport
from amply.jobs.app import create_celery
from tests.amply.support.queue.task_names import DIE_ONCE, OFTEN, SAY, SELDOM, WORK

logger = logging.getLogger("amply.tests")

configure_logging()
app = create_celery(load_settings())
app.conf.broker_transport_options["wait_time_seconds"] = 1
app.conf.update(
    worker_lost_wait=0.5,
    beat_max_loop_interval=1,
    redbeat_lock_timeout=2,
    redbeat_key_prefix=os.environ.get("TEST_REDBEAT_KEY_PREFIX", "tests"),
    beat_schedule={
        OFTEN: {"task": SAY, "schedule": 1.0, "kwargs": {"word": OFTEN}},
        SELDOM: {"task": SAY, "schedule": 3600.0, "kwargs": {"word": SELDOM}},
    },
)
load._PERIOD_SECONDS = 0.5
transport._FIRST_PAUSE_SECONDS = 0.01
transport._ANSWER_SECONDS = int(os.environ.get("TEST_ANSWER_SECONDS", "1"))
if seconds := os.environ.get("TEST_LONGEST_STANDSTILL_SECONDS"):
    transport._LONGEST_STANDSTILL_SECONDS = int(seconds)


@app.task(name=SAY)  # type: ignore[untyped-decorator]
def say(word: str) -> None:
    """Log a word."""
    logger.info("Said %s", word)


@app.task(name=WORK)  # type: ignore[untyped-decorator]
def work(until: str) -> None:
    """Log that the task runs, and wait until a file exists."""
    logger.info("Working")
    while not Path(until).exists():
        time.sleep(0.01)
    logger.info("Worked")


@app.task(name=DIE_ONCE)  # type: ignore[untyped-decorator]
def die_once(marker: str) -> None:
    """Kill the process of this task, unless a file exists."""
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    logger.info("Survived")
