"""Our scheduler takes RedBeat's lock instead of RedBeat: a test fails when RedBeat must be read
again.

A test named `celery_still_…` fails once Celery fixes that; then `beat.py` can leave the lock to
RedBeat.
"""

# mypy: disable-error-code="no-untyped-call"

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from celery.beat import Service  # type: ignore[import-untyped]
from celery.signals import beat_init  # type: ignore[import-untyped]
from redbeat import RedBeatScheduler  # type: ignore[import-untyped]
from redbeat.schedulers import acquire_distributed_beat_lock  # type: ignore[import-untyped]

from amply.jobs import beat
from tests.amply.support.digests import digest, print_digests

# What is done in another order, or relied on. After reading what changed, run
# `python -m tests.amply.jobs.test_redbeat_pin` for the new digests.
READ: dict[Callable[..., Any], str] = {
    RedBeatScheduler.close: "219ed4ee7197",
    RedBeatScheduler.setup_schedule: "118dd19b6779",
    RedBeatScheduler.tick: "ccb3b0dce9fe",
    Service.start: "e3c9a3b45d8c",
    acquire_distributed_beat_lock: "0c9f393e18c4",
}


def test_redbeat_is_the_version_that_was_read() -> None:
    assert version("celery-redbeat") == "2.4.2"


@pytest.mark.parametrize("function", READ, ids=lambda function: function.__qualname__)
def test_what_we_take_over_is_what_was_read(function: Callable[..., Any]) -> None:
    assert digest(function) == READ[function]


def test_celery_still_swallows_what_a_signal_raises() -> None:
    """Without our fix, a beat that failed to get its lock would continue without one."""

    def without_redis(**_: object) -> None:
        raise ConnectionError

    beat_init.connect(without_redis)
    try:
        ((_, raised),) = beat_init.send(sender=None)
    finally:
        beat_init.disconnect(without_redis)
    assert isinstance(raised, ConnectionError)


def test_the_lock_is_taken_by_our_scheduler_alone() -> None:
    assert issubclass(beat.Scheduler, RedBeatScheduler)
    assert not beat_init.disconnect(acquire_distributed_beat_lock)  # it was, by `beat`


if __name__ == "__main__":
    print_digests(READ)
