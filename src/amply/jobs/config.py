"""Celery's settings, each with its reason. Measurements: docs/decisions/0003-celery-on-sqs.md."""

from typing import Any

from celery.schedules import crontab  # type: ignore[import-untyped]

from amply.base.settings import LONGEST_TASK_SECONDS, Settings
from amply.base.task_names import (
    CHECK_LEDGER,
    LOOK_AT_PAGES,
    READ_MAIL_EVENTS,
    RECONCILE,
    RECOVER_DONATIONS,
    SWEEP_OUTBOX,
)
from amply.jobs.health import BEAT_LOOP_SECONDS, LONG_POLL_SECONDS

# A task is told to end then, and killed at LONGEST_TASK_SECONDS: before Fargate kills the worker,
# 120 s after its SIGTERM, and before SQS delivers the message again.
SOFT_TIME_LIMIT_SECONDS = 60

RECONCILE_SECONDS = 20.0
"""How long one task reconciles; its last page takes up to 40 s more. Then another goes on."""


def celery_config(settings: Settings) -> dict[str, Any]:
    """Return Celery's settings for the worker, for beat and for the API that sends."""
    return {**_broker(settings), **_tasks(), **_worker(), **_beat(settings)}


def _broker(settings: Settings) -> dict[str, Any]:
    if settings.celery_queue_url is None:
        # Nothing but the API is at hand: it runs the tasks itself, in the thread that sends.
        return {"broker_url": "memory://embedded", "task_always_eager": True}
    return {
        "broker_url": "sqs://",  # credentials of the task role; the endpoint by AWS_ENDPOINT_URL
        "broker_transport": "amply.jobs.transport:Transport",  # survives what SQS may answer
        "broker_connection_retry_on_startup": True,  # the queue's answer may come late in a deploy
        "broker_transport_options": {
            "region": settings.aws_region,  # kombu's default is us-east-1, without a word
            # Named, so that neither ListQueues nor CreateQueue is ever called.
            "predefined_queues": {settings.queue_name: {"url": settings.celery_queue_url}},
            # How often to look for room while a long task holds its place in the prefetch window;
            # our transport does not wait for it once the window is empty.
            "polling_interval": 0.05,
            # Long poll. Messages given back at shutdown wait as long until they are delivered.
            "wait_time_seconds": LONG_POLL_SECONDS,
            # Acknowledging and sending block the worker's loop: they fail soon rather than hang.
            "client-config": {
                "connect_timeout": 2,
                "read_timeout": 5,
                "retries": {"total_max_attempts": 2},
            },
        },
        "task_default_queue": settings.queue_name,
        "task_create_missing_queues": False,  # a misspelt queue is an error, not a new queue
        "task_publish_retry": False,  # the outbox tries again, and remembers across restarts
    }


def _tasks() -> dict[str, Any]:
    return {
        "task_acks_late": True,  # a task that a Spot interruption kills is delivered again
        "task_reject_on_worker_lost": True,  # and so is one whose process alone was killed
        # A task that fails is delivered again, and after five times put into the dead-letter queue.
        "task_acks_on_failure": False,
        "task_acks_on_timeout": False,
        "task_soft_time_limit": SOFT_TIME_LIMIT_SECONDS,
        "task_time_limit": LONGEST_TASK_SECONDS,
        "task_ignore_result": True,  # what came of a donation stands in the database
        "task_serializer": "json",
        "accept_content": ["json"],
    }


def _worker() -> dict[str, Any]:
    return {
        "worker_concurrency": 4,  # tasks wait for the network; half a CPU carries four
        "worker_prefetch_multiplier": 1,  # more would age towards their visibility timeout
        "worker_max_tasks_per_child": 1000,  # bounds what a leak can take
        "worker_eta_task_limit": 100,  # tasks with an ETA are held past the prefetch limit
        "worker_enable_remote_control": False,  # not possible on SQS, and would make queues
        "worker_send_task_events": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,  # SQS has no connection
    }


def _beat(settings: Settings) -> dict[str, Any]:
    expires = {"expires": 60}  # ticks that a stopped worker missed are not made up for
    return {
        "beat_scheduler": "amply.jobs.beat:Scheduler",  # in Redis: the disk is read-only and new
        "redbeat_redis_url": settings.redis_url or "redis://embedded",
        "redbeat_redis_options": {},  # else RedBeat takes those of the broker
        "redbeat_lock_timeout": 30,  # default 1500 s: so long no beat ticks after a SIGKILL
        "beat_max_loop_interval": BEAT_LOOP_SECONDS,
        "beat_schedule": {
            SWEEP_OUTBOX: {
                "task": SWEEP_OUTBOX,
                "schedule": 15.0,
                "options": expires,
            },
            LOOK_AT_PAGES: {
                "task": LOOK_AT_PAGES,
                "schedule": min(60.0, settings.stuck_after_seconds / 15),
                "options": expires,
            },
            READ_MAIL_EVENTS: {"task": READ_MAIL_EVENTS, "schedule": 60.0, "options": expires},
            RECONCILE: {
                "task": RECONCILE,
                "schedule": crontab(hour="2", minute="30"),  # UTC
                "options": {"expires": 3600},
            },
            CHECK_LEDGER: {
                "task": CHECK_LEDGER,
                "schedule": 3600.0,
                "options": {"expires": 600},
            },
            RECOVER_DONATIONS: {
                "task": RECOVER_DONATIONS,
                "schedule": min(300.0, settings.stuck_after_seconds / 2),
                "options": expires,
            },
        },
    }
