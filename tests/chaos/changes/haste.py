"""Shorten the waits without a variable, in a service that is about to start, so that a run need
not take hours.
"""

from datetime import timedelta
from typing import Any

from amply.base.settings import Settings
from amply.jobs import config, health, transport
from amply.outbox import tasks as outbox


def hasten() -> None:
    """Shorten all waits. Call this before `amply.jobs.app` is imported."""
    unhurried = config.celery_config

    def hasty(settings: Settings) -> dict[str, Any]:
        conf = unhurried(settings)
        conf["broker_transport_options"]["wait_time_seconds"] = 1
        conf |= {
            "beat_max_loop_interval": 1,
            "redbeat_lock_timeout": 3,
            "worker_lost_wait": 0.5,  # Celery's: how long a dead process may still be heard of
        }
        for name, entry in conf["beat_schedule"].items():
            if isinstance(entry["schedule"], float):  # not a time of day
                entry["schedule"] = min(entry["schedule"], 2.0 if "outbox" in name else 5.0)
        return conf

    config.celery_config = hasty
    health.LONG_POLL_SECONDS = 1
    transport._ANSWER_SECONDS = 3
    transport._LONGEST_PAUSE_SECONDS = 1.0
    outbox._LEFT_BEHIND = timedelta(seconds=2)
