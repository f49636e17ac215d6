"""Mails to staff about disputes and fraud: one for each event, and nothing about the donor."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import MailRefused, MailUnavailable
from amply.base.task_names import SEND_NOTICE
from amply.database.base import now
from amply.database.leases import Attempt
from amply.donations.models import Status
from amply.mail.mailer import Mailer
from amply.notices.models import Notice
from amply.notices.tasks import announce, recover_notices, send_notice
from amply.outbox.models import OutboxMessage
from amply.payments.records import DisputeRecord
from amply.reconciliation.booking import book
from tests.amply.support.mails import MemoryMailer
from tests.amply.support.stripe.events import tell
from tests.amply.support.stripe.gateways import take

Sessions = sessionmaker[Session]
TO = "donations@amply.example"
DISPUTE = DisputeRecord(
    *("dp_1", "pi_1", 5000, "EUR", "fraudulent", "needs_response"),
    respond_by=now() + timedelta(days=7),
    movements=(),
    created_at=now(),
)


def notices(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Notice.subject).order_by(Notice.created_at)))


def messages(sessions: Sessions) -> list[OutboxMessage]:
    with sessions() as session:
        return list(session.scalars(select(OutboxMessage)))


def left(sessions: Sessions) -> None:
    with sessions.begin() as session:
        assert announce(session, "dp_1-opened", "Dispute opened", "text")


def send(sessions: Sessions, mailer: Mailer, to: str | None = TO) -> None:
    send_notice(sessions, mailer, to, "dp_1-opened", Attempt(60))


@pytest.mark.parametrize("outcome", ["won", "lost", "warning_closed"])
def test_a_dispute_is_announced_when_it_opens_and_when_it_ends(
    sessions: Sessions, outcome: str
) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1", donor_name="Ada King", message="Hello")
    for status in ("needs_response", "needs_response", "under_review", outcome, outcome):
        with sessions.begin() as session:
            book(replace(DISPUTE, status=status), session)
    assert notices(sessions) == ["Dispute opened: 50.00 EUR", f"Dispute {outcome}: 50.00 EUR"]
    assert [one.task for one in messages(sessions)] == [SEND_NOTICE, SEND_NOTICE]
    with sessions() as session:
        text = session.get_one(Notice, "dp_1-opened").text
    for fact in ("fraudulent", "don_1", "dp_1", "payments/pi_1", f"{DISPUTE.respond_by:%F}"):
        assert fact in text
    for secret in ("Ada", "ada@", "Hello"):
        assert secret not in text


def test_what_is_rolled_back_is_not_announced(sessions: Sessions) -> None:
    with sessions() as session:
        book(DISPUTE, session)
        session.rollback()
    assert notices(sessions) == []
    assert messages(sessions) == []


async def test_a_fraud_warning_is_announced(webhook: httpx.AsyncClient, sessions: Sessions) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    about = {"object": "radar.early_fraud_warning", "id": "issfr_1", "payment_intent": "pi_1"}
    kind = "radar.early_fraud_warning.created"
    for event_id in ("evt_5", "evt_5", "evt_6"):
        await tell(webhook, {"id": event_id, "type": kind, "data": {"object": about}})
    assert notices(sessions) == ["Fraud warning: 50.00 EUR"]


def test_a_notice_is_sent_once(sessions: Sessions) -> None:
    left(sessions)
    with sessions.begin() as session:
        assert announce(session, "dp_1-opened", "Dispute opened", "text") is None
    mailer = MemoryMailer()
    for _ in range(2):
        send(sessions, mailer)
    assert [(m.key, m.to, m.subject) for m in mailer.mails] == [
        ("dp_1-opened", TO, "Dispute opened")
    ]


def test_a_notice_that_was_not_taken_is_sent_later(sessions: Sessions) -> None:
    left(sessions)
    with pytest.raises(MailUnavailable):
        send(sessions, MemoryMailer(MailUnavailable("later")))
    mailer = MemoryMailer()
    send(sessions, mailer)
    assert len(mailer.mails) == 1


@pytest.mark.parametrize(
    ("to", "error", "level"),
    [(None, None, "WARNING"), (TO, MailRefused("suppressed"), "ERROR")],
)
def test_a_notice_that_reaches_nobody_is_logged_and_dropped(
    sessions: Sessions,
    caplog: pytest.LogCaptureFixture,
    to: str | None,
    error: Exception | None,
    level: str,
) -> None:
    left(sessions)
    send(sessions, MemoryMailer(error), to)
    recover_notices(sessions, timedelta(0))
    assert len(messages(sessions)) == 1
    lines = [one for one in caplog.records if one.message.startswith("Staff not told")]
    assert [line.levelname for line in lines] == [level]


@pytest.mark.parametrize(("days", "is_sent"), [(1, True), (4, False)])
def test_a_lost_message_is_sent_again_for_three_days(
    sessions: Sessions, caplog: pytest.LogCaptureFixture, days: int, is_sent: bool
) -> None:
    left(sessions)
    past = now() - timedelta(days=days)
    with sessions.begin() as session:
        session.execute(update(Notice).values(created_at=past, queued_at=past))
    for _ in range(2):
        recover_notices(sessions, timedelta(minutes=30))
    assert len(messages(sessions)) == 1 + is_sent
    errors = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert errors == ([] if is_sent else ["Staff not told"])
