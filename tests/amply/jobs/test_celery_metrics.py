"""The metrics that a worker publishes about its tasks."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import StillClaimed
from amply.base.logs import JsonFormatter
from amply.base.settings import Settings
from amply.database.base import now
from amply.database.engines import sync_engine
from amply.donations.models import Status
from amply.donations.receipt import Receipt
from amply.jobs import measuring
from amply.jobs.app import AmplyCelery, create_celery
from amply.outbox.models import OutboxMessage
from tests.amply.support.stripe.gateways import take

Metrics = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Metrics:
    """Return the metrics written so far, parsed from JSON."""
    caplog.set_level(logging.INFO, logger="amply.base.metrics")
    return lambda: [
        json.loads(JsonFormatter().format(record))
        for record in caplog.records
        if record.name == "amply.base.metrics"
    ]


@pytest.fixture
def app() -> Iterator[AmplyCelery]:
    """Return an application that runs its tasks here: one succeeds, one fails."""
    app = create_celery(Settings())

    @app.task(name="tests.fail", shared=False)  # type: ignore[untyped-decorator]
    def fail() -> None:
        raise ValueError

    @app.task(name="tests.wait", shared=False)  # type: ignore[untyped-decorator]
    def wait() -> None:
        raise StillClaimed

    @app.task(name="tests.succeed", shared=False)  # type: ignore[untyped-decorator]
    def succeed() -> None:
        pass

    yield app
    app.close()


def test_a_task_tells_how_long_it_took(app: AmplyCelery, written: Metrics) -> None:
    app.tasks["tests.succeed"].apply()
    (line,) = written()
    assert line["Task"] == "tests.succeed"
    assert line["TaskDuration"] >= 0


def test_a_task_that_fails_is_counted_by_its_name(app: AmplyCelery, written: Metrics) -> None:
    app.tasks["tests.fail"].apply()
    counted = [line for line in written() if "TaskFailures" in line]
    assert [(line["Task"], line["TaskFailures"]) for line in counted] == [("tests.fail", 1)]


def test_one_that_waits_for_another_s_claim_is_not(app: AmplyCelery, written: Metrics) -> None:
    app.tasks["tests.wait"].apply()
    assert [line for line in written() if "TaskFailures" in line] == []
    assert [line["Task"] for line in written()] == ["tests.wait"]  # how long it took


@pytest.mark.parametrize("ages", [[], [30, 90, 60]], ids=["empty", "waiting"])
def test_the_outbox_tells_how_long_its_oldest_message_waits(
    database_url: str, written: Metrics, ages: list[int]
) -> None:
    engine = sync_engine(database_url)
    OutboxMessage.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    with sessions.begin() as session:
        for age in ages:
            created_at = now() - timedelta(seconds=age)
            session.add(OutboxMessage(task="t", arguments={}, created_at=created_at))

    measuring.report_outbox_age(sessions)

    engine.dispose()
    (line,) = written()
    assert max(ages, default=0) <= line["OutboxAge"] < max(ages, default=0) + 60


@pytest.mark.parametrize(
    ("sent_at", "claimed_by", "age"), [(None, None, 90), (now(), None, 0), (None, "given up", 0)]
)
def test_the_age_of_the_oldest_receipt_that_is_still_to_be_sent(
    sessions: sessionmaker[Session],
    written: Metrics,
    sent_at: datetime | None,
    claimed_by: str | None,
    age: int,
) -> None:
    take(sessions, Status.SUCCEEDED)
    created_at = now() - timedelta(seconds=90)
    receipt = Receipt(
        donation_id="don_1", created_at=created_at, sent_at=sent_at, claimed_by=claimed_by
    )
    with sessions.begin() as session:
        session.add(receipt)
    measuring.report_receipt_age(sessions)
    (line,) = [line for line in written() if "UnsentReceiptAge" in line]
    assert age <= line["UnsentReceiptAge"] < age + 60


@pytest.mark.parametrize(
    ("status", "age"),
    [
        (Status.PENDING, 90),
        (Status.PROCESSING, 90),
        (Status.AWAITING, 0),  # the donor decides when
        (Status.SUCCEEDED, 0),
        (Status.FAILED, 0),
    ],
)
def test_the_age_of_the_oldest_donation_that_is_still_to_be_charged(
    sessions: sessionmaker[Session], written: Metrics, status: Status, age: int
) -> None:
    take(sessions, status, created_at=now() - timedelta(seconds=90))
    take(sessions, status, id="don_2")
    measuring.report_charge_age(sessions)
    (line,) = [line for line in written() if "ChargeAge" in line]
    assert age <= line["ChargeAge"] < age + 60
