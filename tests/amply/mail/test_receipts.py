"""Receipts: one complete mail for each donation, and no content of it in the log."""

import email
import email.policy
import json
import logging
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber
from sqlalchemy import Connection, event, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import MailRefused, MailUnavailable, StillClaimed
from amply.base.logs import JsonFormatter
from amply.base.settings import Settings
from amply.database.base import now
from amply.donations.models import Donation, Status
from amply.donations.receipt import Receipt
from amply.mail.files import FileMailer
from amply.mail.listed import ListedMailer
from amply.mail.mailer import LogMailer, Mail
from amply.mail.ses import SesMailer
from amply.outbox.models import OutboxMessage
from amply.receipts import tasks
from amply.receipts.resending import resend
from amply.receipts.tasks import recover_receipts
from amply.services import Services
from tests.amply.support.mails import MemoryMailer, owe, send, sent
from tests.amply.support.stripe.gateways import take

Sessions = sessionmaker[Session]


def test_it_says_what_was_given_by_whom_for_what(sessions: Sessions) -> None:
    mailer = MemoryMailer()
    owe(sessions, campaign="winter-2026")
    send(sessions, mailer)
    (mail,) = mailer.mails
    assert (mail.key, mail.to) == ("don_1", "ada@example.org")
    for told in ("Ada King", "50.00 EUR", "don_1", f"{now():%Y-%m-%d}", "winter-2026"):
        assert told in mail.text
    assert sent(sessions)


def test_what_a_donor_left_out_is_left_out(sessions: Sessions) -> None:
    mailer = MemoryMailer()
    owe(sessions, donor_name=None, campaign=None)
    send(sessions, mailer)
    assert mailer.mails[0].text.startswith("Dear donor,\n")
    assert "Campaign" not in mailer.mails[0].text


@pytest.mark.parametrize(("seconds", "again"), [(600, False), (600.001, True), (86_400, True)])
def test_staff_send_a_copy_at_most_each_ten_minutes(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, seconds: float, again: bool
) -> None:
    moment = now()
    monkeypatch.setattr("amply.receipts.resending.now", lambda: moment)
    owe(sessions)
    mailer = MemoryMailer()
    send(sessions, mailer)
    with sessions.begin() as session:
        session.execute(update(Receipt).values(sent_at=moment - timedelta(seconds=seconds)))
    with sessions.begin() as session:
        assert (resend(session, "don_1") is not None) is again
    send(sessions, mailer)
    assert [mail.key for mail in mailer.mails] == ["don_1", *(["don_1-1"] if again else [])]


def test_no_copy_is_sent_of_a_receipt_that_is_due(sessions: Sessions) -> None:
    owe(sessions)
    with sessions.begin() as session:
        assert resend(session, "don_1") is None


def test_delivered_twice_it_is_sent_once(sessions: Sessions) -> None:
    mailer = MemoryMailer()
    owe(sessions)
    for _ in range(2):
        send(sessions, mailer)
    assert len(mailer.mails) == 1


def test_of_two_workers_one_sends_it(sessions: Sessions) -> None:
    owe(sessions)

    class WithAnother(MemoryMailer):
        def send(self, mail: Mail) -> None:
            super().send(mail)
            with pytest.raises(StillClaimed):
                send(sessions, self)

    mailer = WithAnother()
    send(sessions, mailer)
    assert len(mailer.mails) == 1


def test_a_mail_that_was_not_taken_is_sent_by_the_next_delivery(sessions: Sessions) -> None:
    owe(sessions)
    with pytest.raises(MailUnavailable):
        send(sessions, MemoryMailer(MailUnavailable("later")))
    assert not sent(sessions)
    send(sessions, MemoryMailer())
    assert sent(sessions)


@pytest.mark.parametrize("fails", [False, True])
def test_an_attempt_that_lost_its_claim_neither_notes_nor_releases(
    sessions: Sessions, fails: bool
) -> None:
    """The attempt outlived its claim, and another attempt is sending."""

    class Slow(MemoryMailer):
        def send(self, mail: Mail) -> None:
            with sessions.begin() as session:
                session.execute(update(Receipt).values(claimed_by="another"))
            super().send(mail)

    owe(sessions)
    with suppress(MailUnavailable):
        send(sessions, Slow(MailUnavailable("later") if fails else None))
    with sessions() as session:
        receipt = session.get_one(Receipt, "don_1")
    assert (receipt.claimed_by, receipt.sent_at) == ("another", None)
    assert receipt.claimed_until is not None


@pytest.mark.parametrize("status", [Status.REFUNDED, Status.FAILED])
def test_no_receipt_goes_out_after_a_refund(sessions: Sessions, status: Status) -> None:
    mailer = MemoryMailer()
    owe(sessions)
    with sessions.begin() as session:
        session.execute(update(Donation).values(status=status))
    for _ in range(2):
        send(sessions, mailer)
    assert mailer.mails == []
    assert not sent(sessions)


def test_a_mail_that_is_refused_for_good_is_not_sent_again(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistyped address costs one call, raises nothing and alerts nobody."""
    mailer = MemoryMailer(MailRefused("SES took no mail: BadRequestException"))
    owe(sessions)
    for _ in range(2):
        send(sessions, mailer)
    recover_receipts(sessions, timedelta(0))
    with sessions() as session:
        assert session.scalars(select(OutboxMessage)).all() == []
    assert len(mailer.mails) == 1
    assert not sent(sessions)
    lines = [line for line in caplog.records if line.name.startswith("amply")]
    assert [line.levelname for line in lines if line.levelno > logging.INFO] == ["WARNING"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("BadRequestException", MailRefused),
        ("MessageRejected", MailUnavailable),  # a sender that SES has not verified
        ("TooManyRequestsException", MailUnavailable),
    ],
)
def test_what_ses_refuses_for_good(aws_keys: None, code: str, error: type[Exception]) -> None:
    mailer = SesMailer("donations@amply.example", "eu-central-1")
    with Stubber(mailer._client) as stubber:
        stubber.add_client_error("send_email", code)
        with pytest.raises(error, match=code):
            mailer.send(MAIL)


def test_a_database_that_goes_when_the_mail_is_out_is_waited_for(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = iter([OperationalError("COMMIT", {}, ConnectionError())] * 2)

    class Away(MemoryMailer):
        def send(self, mail: Mail) -> None:
            super().send(mail)
            event.listen(sessions.kw["bind"], "begin", fail)

    def fail(_: Connection) -> None:
        for error in gone:
            raise error

    monkeypatch.setattr(tasks, "_PAUSES_SECONDS", (0.0, 0.0))
    owe(sessions)
    mailer = Away()
    send(sessions, mailer)
    assert sent(sessions)
    assert not list(gone)
    assert len(mailer.mails) == 1


def test_without_a_receipt_nothing_is_sent(sessions: Sessions) -> None:
    mailer = MemoryMailer()
    take(sessions, Status.FAILED)
    send(sessions, mailer)
    assert mailer.mails == []


def test_nothing_of_the_donor_is_logged(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    owe(sessions)
    with caplog.at_level(logging.DEBUG, logger="amply"):
        send(sessions, LogMailer())
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert [json.loads(line)["message"] for line in lines] == ["Receipt sent"]
    for secret in ("Ada King", "ada@example.org", "For Charles"):
        assert not [line for line in lines if secret in line]


MAIL = Mail("don_1", "ada@example.org", "Your donation", "Thank you, Ädä.\n")


def test_a_mail_as_a_file(tmp_path: Path) -> None:
    mailer = FileMailer(tmp_path / "mails", "donations@amply.example")
    for _ in range(2):  # the same key is the same mail
        mailer.send(MAIL)
    (path,) = (tmp_path / "mails").iterdir()
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (message["From"], message["To"]) == ("donations@amply.example", "ada@example.org")
    assert message.get_content() == MAIL.text


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MailUnavailable, match="MAIL_DIRECTORY"):
        FileMailer(tmp_path / "file", "a@b.c").send(MAIL)


def test_a_mail_by_ses(aws_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mailer = SesMailer("donations@amply.example", "eu-central-1")
    with pytest.raises(MailUnavailable, match="SES took no mail") as refused:
        mailer.send(MAIL)  # SES has not verified the sender
    assert "ada@" not in str(refused.value)
    ses = boto3.client("sesv2", region_name="eu-central-1")
    ses.create_email_identity(EmailIdentity="donations@amply.example")
    mailer.send(MAIL)


def test_no_answer_from_ses(monkeypatch: pytest.MonkeyPatch, aws_keys: None) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(MailUnavailable, match="EndpointConnectionError"):
        SesMailer("donations@amply.example", "eu-central-1").send(MAIL)


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (Settings(), LogMailer),
        (Settings(mail_directory=Path("mails"), mail_from="a@b.org"), FileMailer),
        (Settings(mail_from="a@b.org"), ListedMailer),
    ],
)
def test_which_mailer_the_settings_ask_for(settings: Settings, kind: type) -> None:
    assert isinstance(Services(settings).carrier, kind)
