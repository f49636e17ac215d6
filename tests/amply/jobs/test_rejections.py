"""Celery's log line about a message that becomes a dead letter does not call it deleted."""

import logging
from collections.abc import Iterator

import pytest
from celery.worker.consumer import consumer  # type: ignore[import-untyped]

from amply.base.settings import Settings
from amply.jobs.app import create_celery
from amply.jobs.rejections import RejectionWords

QUEUED = Settings(celery_queue_url="http://127.0.0.1:1/123456789012/jobs")


@pytest.fixture(autouse=True)
def plain() -> Iterator[None]:
    """Restore Celery's logger before and after the test."""
    logger = logging.getLogger(consumer.__name__)
    kept = logger.filters[:]
    logger.filters = [each for each in kept if not isinstance(each, RejectionWords)]
    yield
    logger.filters = kept


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log lines that Celery writes for rejected messages."""
    caplog.clear()
    consumer.error(consumer.UNKNOWN_TASK_ERROR, "shop.nope", "{}", {}, {})
    consumer.error(consumer.INVALID_TASK_ERROR, "no id", "{}")
    consumer.warn(consumer.UNKNOWN_FORMAT, "{}")
    return [record.getMessage() for record in caplog.records]


def test_celery_still_calls_them_deleted(caplog: pytest.LogCaptureFixture) -> None:
    """`amply.jobs.rejections` can be removed when this test fails."""
    assert all("discarded" in each or "deleted" in each for each in logged(caplog))


def test_the_log_says_that_they_stay_until_they_are_dead_letters(
    caplog: pytest.LogCaptureFixture,
) -> None:
    create_celery(QUEUED)
    create_celery(QUEUED)
    lines = logged(caplog)
    assert len(lines) == 3
    for line in lines:
        assert "discarded" not in line
        assert "deleted" not in line
        assert line.count("then moves it to the dead-letter queue.") == 1
    assert "shop.nope" in lines[0]
