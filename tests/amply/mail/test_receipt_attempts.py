"""A worker that dies between SES and the commit: nothing is sent until SES had time to report."""

from datetime import timedelta

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.stub import Stubber
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import MailUnavailable, MailUncertain
from amply.base.settings import Settings
from amply.database.base import now
from amply.database.leases import Attempt
from amply.donations.models import Status
from amply.donations.receipt import Receipt
from amply.mail.events import MailEvent, Outcome
from amply.mail.mailer import Mail
from amply.mail.ses import SesMailer
from amply.outbox.models import OutboxMessage
from amply.receipts.reports import apply
from amply.receipts.tasks import recover_receipts, send_receipt
from amply.services import Services
from tests.amply.support.mails import MemoryMailer, owe, sent
from tests.amply.support.stripe.gateways import take

Sessions = sessionmaker[Session]
PATIENCE = timedelta(minutes=15)


class Died(BaseException):
    """SIGKILL: nothing of ours runs after it."""


class Deadly(MemoryMailer):
    """Sends a mail, and the process dies of it."""

    def send(self, mail: Mail) -> None:
        super().send(mail)
        raise Died


def try_to_send(sessions: Sessions, mailer: MemoryMailer) -> None:
    send_receipt(sessions, mailer, "don_1", Attempt(0), PATIENCE)


def wait(sessions: Sessions, how_long: timedelta) -> None:
    """Let time pass, for the receipt."""
    with sessions.begin() as session:
        receipt = session.get_one(Receipt, "don_1")
        for column in ("attempted_at", "queued_at", "claimed_until", "created_at"):
            moment = getattr(receipt, column)
            setattr(receipt, column, moment and moment - how_long)


def die(sessions: Sessions) -> None:
    owe(sessions)
    with pytest.raises(Died):
        try_to_send(sessions, Deadly())


def test_a_message_that_comes_again_sends_nothing_until_ses_had_time_to_report(
    sessions: Sessions,
) -> None:
    die(sessions)
    mailer = MemoryMailer()
    for _ in range(5):  # the queue gives up after as many
        try_to_send(sessions, mailer)
        wait(sessions, timedelta(minutes=2, seconds=50))
    assert mailer.mails == []
    wait(sessions, timedelta(minutes=1))
    try_to_send(sessions, mailer)
    assert len(mailer.mails) == 1  # SES knows of none
    assert sent(sessions)


def test_it_waits_no_longer_than_that(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    die(sessions)
    with sessions() as session:
        attempted_at = session.get_one(Receipt, "don_1").attempted_at
    assert attempted_at is not None
    monkeypatch.setattr("amply.receipts.tasks.now", lambda: attempted_at + PATIENCE)
    mailer = MemoryMailer()
    try_to_send(sessions, mailer)
    assert len(mailer.mails) == 1


def test_the_message_is_sent_again_after_that(sessions: Sessions) -> None:
    die(sessions)
    recover_receipts(sessions, timedelta(minutes=30))
    wait(sessions, timedelta(minutes=31))
    recover_receipts(sessions, timedelta(minutes=30))
    with sessions() as session:
        assert len(session.scalars(select(OutboxMessage)).all()) == 1


def test_a_lost_answer_is_waited_for_and_a_refusal_is_not(sessions: Sessions) -> None:
    owe(sessions)
    mailer = MemoryMailer(MailUnavailable("throttled"))
    for _ in range(2):
        with pytest.raises(MailUnavailable):
            try_to_send(sessions, mailer)
    mailer.error = MailUncertain("timeout")
    with pytest.raises(MailUncertain):
        try_to_send(sessions, mailer)
    mailer.error = None
    try_to_send(sessions, mailer)
    assert len(mailer.mails) == 3
    assert not sent(sessions)


def test_an_attempt_that_lives_is_not_disturbed(sessions: Sessions) -> None:
    owe(sessions)

    class WithAnother(MemoryMailer):
        def send(self, mail: Mail) -> None:
            super().send(mail)
            try_to_send(sessions, self)

    mailer = WithAnother()
    try_to_send(sessions, mailer)
    assert len(mailer.mails) == 1
    assert sent(sessions)


def test_what_ses_calls_the_mail_is_kept(sessions: Sessions) -> None:
    class Named(MemoryMailer):
        def send(self, mail: Mail) -> str:  # type: ignore[override]
            super().send(mail)
            return "ses-1"

    owe(sessions)
    try_to_send(sessions, Named())
    with sessions() as session:
        assert session.get_one(Receipt, "don_1").message_id == "ses-1"


@pytest.mark.parametrize(
    ("failure", "is_uncertain"),
    [
        ({"service_error_code": "TooManyRequestsException", "http_status_code": 429}, False),
        ({"service_error_code": "InternalFailure", "http_status_code": 500}, True),
        (ReadTimeoutError(endpoint_url="https://ses"), True),
        (ConnectTimeoutError(endpoint_url="https://ses"), False),
    ],
)
def test_which_answers_of_ses_leave_it_open(
    aws_keys: None,
    monkeypatch: pytest.MonkeyPatch,
    failure: dict[str, object] | Exception,
    is_uncertain: bool,
) -> None:
    mailer = SesMailer("donations@amply.example", "eu-central-1")

    def fail(**_: object) -> None:
        assert isinstance(failure, Exception)
        raise failure

    with Stubber(mailer._client) as stubber:
        if isinstance(failure, Exception):
            monkeypatch.setattr(mailer._client, "send_email", fail)
        else:
            stubber.add_client_error("send_email", **failure)  # type: ignore[arg-type]
        with pytest.raises(MailUnavailable) as raised:
            mailer.send(Mail("don_1", "ada@example.org", "s", "t"))
    assert isinstance(raised.value, MailUncertain) is is_uncertain


def test_ses_is_asked_to_report(aws_keys: None) -> None:
    mailer = SesMailer("donations@amply.example", "eu-central-1", "amply-prod-mail")
    with Stubber(mailer._client) as stubber:
        stubber.add_response("send_email", {"MessageId": "ses-1"})
        sent_with: dict[str, object] = {}
        mailer._client.meta.events.register(
            "provide-client-params.sesv2.SendEmail", lambda params, **_: sent_with.update(params)
        )
        assert mailer.send(Mail("don_1", "ada@example.org", "s", "t")) == "ses-1"
    assert sent_with["ConfigurationSetName"] == "amply-prod-mail"


@pytest.mark.parametrize(
    ("fields", "patience"),
    [
        ({}, timedelta(0)),
        ({"mail_events_queue_url": "https://sqs/q"}, PATIENCE),
        ({"mail_events_queue_url": "https://sqs/q", "mail_directory": "mails"}, timedelta(0)),
    ],
)
def test_who_is_not_reported_to_does_not_wait(fields: dict[str, str], patience: timedelta) -> None:
    assert Services(Settings.model_validate(fields)).receipt_patience == patience


def test_a_receipt_that_another_release_attempted_is_sent(sessions: Sessions) -> None:
    """It notes no attempts."""
    owe(sessions)
    with sessions.begin() as session:
        session.execute(update(Receipt).values(claimed_by="dead", claimed_until=now()))
    mailer = MemoryMailer()
    try_to_send(sessions, mailer)
    assert len(mailer.mails) == 1


@pytest.mark.parametrize(("reported", "mails"), [(range(12), 12), (range(9), 15), (range(0), 24)])
def test_only_deaths_that_ses_does_not_report_make_a_second_mail(
    sessions: Sessions, reported: range, mails: int
) -> None:
    """Twelve workers die between SES and the commit, and everything is delivered again."""
    owed = [f"don_{number}" for number in range(12)]
    mailer = Deadly()
    for donation_id in owed:
        take(sessions, Status.SUCCEEDED, id=donation_id)
        with sessions.begin() as session:
            session.add(Receipt(donation_id=donation_id))
        with pytest.raises(Died):
            send_receipt(sessions, mailer, donation_id, Attempt(0), PATIENCE)
    with sessions.begin() as session:
        for number in reported:
            apply(session, MailEvent(Outcome.SENT, owed[number], "ses-1"))
        session.execute(update(Receipt).values(attempted_at=now() - PATIENCE))
    survivor = MemoryMailer()
    for donation_id in owed * 2:
        send_receipt(sessions, survivor, donation_id, Attempt(0), PATIENCE)
    assert len(mailer.mails) + len(survivor.mails) == mails
    with sessions() as session:
        assert session.scalars(select(Receipt).where(Receipt.sent_at.is_(None))).all() == []
