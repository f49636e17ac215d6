"""Receipts whose message was lost are found and sent again, for three days."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from amply.database.base import now
from amply.donations.models import Status
from amply.donations.receipt import Receipt
from amply.outbox.models import OutboxMessage
from amply.receipts.tasks import recover_receipts
from tests.amply.support.stripe.gateways import take

Sessions = sessionmaker[Session]
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("minutes", "hours", "sent", "again"),
    [(31, 72, False, 1), (29, 1, False, 0), (31, 1, True, 0), (31, 72.001, False, 0)],
)
def test_a_receipt_that_was_not_sent_is_tried_for_three_days(
    sessions: Sessions,
    monkeypatch: pytest.MonkeyPatch,
    minutes: int,
    hours: float,
    *,
    sent: bool,
    again: int,
) -> None:
    moment = now()
    monkeypatch.setattr("amply.receipts.tasks.now", lambda: moment)
    take(sessions, Status.SUCCEEDED)
    with sessions.begin() as session:
        session.add(
            Receipt(
                donation_id="don_1",
                queued_at=moment - timedelta(minutes=minutes),
                created_at=moment - timedelta(hours=hours),
                sent_at=moment if sent else None,
            )
        )
    for _ in range(2):
        recover_receipts(sessions, HALF_AN_HOUR)
    with sessions() as session:
        assert len(session.scalars(select(OutboxMessage)).all()) == again


def test_more_receipts_than_one_transaction_takes_are_recovered_and_counted(
    sessions: sessionmaker[Session], caplog: pytest.LogCaptureFixture
) -> None:
    recover_receipts(sessions, HALF_AN_HOUR)
    assert not caplog.records
    donations = [take(sessions, Status.SUCCEEDED, id=f"don_{number}") for number in range(201)]
    with sessions.begin() as session:
        for donation_id in donations:
            session.add(Receipt(donation_id=donation_id, queued_at=now() - HALF_AN_HOUR * 2))
    recover_receipts(sessions, HALF_AN_HOUR)
    with sessions() as session:
        messages = session.scalars(select(OutboxMessage)).all()
    assert {message.arguments["donation_id"] for message in messages} == set(donations)
    assert len(messages) == 201
    [line] = [line for line in caplog.records if line.message.startswith("Receipts recovered")]
    assert vars(line)["count"] == 201


def test_a_receipt_that_is_given_up_is_cried_out_once(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    take(sessions, Status.SUCCEEDED)
    old = now() - timedelta(hours=73)
    with sessions.begin() as session:
        session.add(Receipt(donation_id="don_1", queued_at=old, created_at=old))
    for _ in range(2):
        recover_receipts(sessions, HALF_AN_HOUR)
    (line,) = [record for record in caplog.records if record.message == "Receipt given up"]
    assert (line.levelname, vars(line)["donation_id"]) == ("ERROR", "don_1")
    assert not [record for record in caplog.records if "recovered" in record.message]
