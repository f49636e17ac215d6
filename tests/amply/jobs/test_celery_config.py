"""The settings that decide whether a task is lost, repeated or stuck."""

from amply.base.settings import Settings
from amply.jobs.app import create_celery

# The queue's own, from the workspace's addon, and what Fargate allows between its two signals.
VISIBILITY_TIMEOUT_SECONDS = 180
STOP_TIMEOUT_SECONDS = 120

QUEUED = Settings(celery_queue_url="http://127.0.0.1:1/123456789012/amply-celery-queue")


def test_a_task_ends_before_it_is_killed_or_delivered_again() -> None:
    conf = create_celery(QUEUED).conf
    assert conf.task_soft_time_limit < conf.task_time_limit
    assert conf.task_time_limit < STOP_TIMEOUT_SECONDS < VISIBILITY_TIMEOUT_SECONDS
    assert conf.task_time_limit * 2 <= VISIBILITY_TIMEOUT_SECONDS


def test_a_task_is_acknowledged_only_when_it_is_done() -> None:
    conf = create_celery(QUEUED).conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert not conf.task_acks_on_failure
    assert not conf.task_acks_on_timeout


def test_the_queue_is_named_and_never_made() -> None:
    conf = create_celery(QUEUED).conf
    options = conf.broker_transport_options
    assert options["predefined_queues"] == {"amply-celery-queue": {"url": QUEUED.celery_queue_url}}
    assert conf.task_default_queue == "amply-celery-queue"
    assert not conf.task_create_missing_queues
    assert not conf.worker_enable_remote_control


def test_without_a_queue_tasks_run_where_they_are_sent() -> None:
    assert create_celery(Settings()).conf.task_always_eager


def test_everything_that_is_scheduled_is_a_task() -> None:
    app = create_celery(QUEUED)
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert scheduled
    assert scheduled <= set(app.tasks)
