"""SES's word on mails: who bounces for good or complains gets none, and what was sent is noted."""

import itertools
import json
import logging
from typing import Any, cast
from uuid import uuid4

import boto3
import pytest
from sqlalchemy.orm import Session, sessionmaker

from amply.__main__ import main
from amply.base.errors import MailRefused
from amply.base.settings import Settings
from amply.database.base import now
from amply.database.leases import Attempt
from amply.donations.erasure import erase_donor
from amply.donations.models import Status
from amply.donations.receipt import Receipt
from amply.mail.events import MailEvent, MailEvents, Outcome, read_event
from amply.mail.mailer import Mail
from amply.receipts.reports import apply, read_reports
from amply.receipts.tasks import send_receipt
from amply.services import Services
from amply.suppressions.addresses import SuppressingMailer, suppress, suppressed
from amply.suppressions.models import Reason
from tests.amply.support.mails import MemoryMailer, owe, send, sent
from tests.amply.support.stripe.gateways import take

Sessions = sessionmaker[Session]
ADA = [{"emailAddress": "Ada King <Ada@Example.org>"}]


def report(kind: str, key: str = "don_1", **about: object) -> str:
    """A message as SES publishes it.

    https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
    """
    mail = {"messageId": "ses-1", "tags": {"key": [key], "ses:operation": ["SendEmail"]}}
    return json.dumps({"eventType": kind, "mail": mail, **about})


def bounce(kind: str = "Permanent", detail: str = "General") -> str:
    about = {"bounceType": kind, "bounceSubType": detail, "bouncedRecipients": ADA}
    return report("Bounce", bounce=about)


def complaint(feedback: str | None = "abuse") -> str:
    about: dict[str, Any] = {"complainedRecipients": ADA}
    if feedback:
        about["complaintFeedbackType"] = feedback
    return report("Complaint", complaint=about)


def addresses(sessions: Sessions) -> list[tuple[str, str]]:
    with sessions() as session:
        return [(one.address, one.reason) for one in suppressed(session)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (bounce(), Reason.BOUNCE),
        (bounce(detail="OnAccountSuppressionList"), Reason.BOUNCE),
        (bounce("Transient", "MailboxFull"), None),
        (bounce("Undetermined", "Undetermined"), None),
        (complaint(), Reason.COMPLAINT),
        (complaint(None), Reason.COMPLAINT),
        (complaint("not-spam"), None),
        (report("Send"), None),
        (report("Open"), None),
    ],
    ids=[
        *("permanent", "on the account's list", "transient", "undetermined", "complaint"),
        *("bare complaint", "not-spam", "send", "open"),
    ],
)
def test_what_suppresses_an_address(sessions: Sessions, body: str, reason: Reason | None) -> None:
    for _ in range(2):  # SNS may deliver it again
        with sessions.begin() as session:
            apply(session, read_event(body))
    assert addresses(sessions) == ([("ada@example.org", reason)] if reason else [])


@pytest.mark.parametrize(
    "body",
    [
        *("", "[]", "null", "{}", '{"eventType": "Bounce", "mail": {}}'),
        '{"eventType": "Send", "mail": {"tags": []}}',
        report("Bounce", bounce={"bounceType": "Permanent", "bounceSubType": "x"}),
    ],
)
def test_what_is_no_event_of_ses(body: str) -> None:
    with pytest.raises(ValueError, match="not an event"):
        read_event(body)


def test_no_mail_goes_to_a_suppressed_address(sessions: Sessions) -> None:
    mailer = MemoryMailer()
    guarded = SuppressingMailer(mailer, sessions)
    with sessions.begin() as session:
        assert suppress(session, "ada@example.org", Reason.BOUNCE, "Permanent General")
    guarded.send(Mail("don_2", "eve@example.org", "s", "t"))
    with pytest.raises(MailRefused, match="suppressed: bounce"):
        guarded.send(Mail("don_1", "Ada@example.org", "s", "t"))
    assert [mail.to for mail in mailer.mails] == ["eve@example.org"]


def test_a_suppressed_donor_is_charged_and_gets_no_receipt(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    owe(sessions)
    with sessions.begin() as session:
        suppress(session, "ada@example.org", Reason.COMPLAINT, "abuse")
    mailer = MemoryMailer()
    send(sessions, SuppressingMailer(mailer, sessions))
    assert mailer.mails == []
    assert not sent(sessions)
    lines = [record for record in caplog.records if record.levelno > logging.INFO]
    assert [(line.levelname, line.message) for line in lines] == [("WARNING", "Receipt not sent")]
    assert not [line for line in caplog.records if "ada@" in str(vars(line))]


def test_a_report_without_our_key_is_about_no_receipt(sessions: Sessions) -> None:
    attempt_that_died(sessions)
    with sessions.begin() as session:
        apply(session, MailEvent(Outcome.SENT, None, "ses-1"))
    assert not sent(sessions)


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        (bounce("Transient", "MailboxFull"), ["Mail delayed"]),
        (bounce(), ["Address suppressed"]),
        (complaint("not-spam"), []),
        (report("Send"), []),
    ],
)
def test_what_the_log_says_of_a_report(
    sessions: Sessions, caplog: pytest.LogCaptureFixture, body: str, messages: list[str]
) -> None:
    with caplog.at_level(logging.INFO, logger="amply"), sessions.begin() as session:
        apply(session, read_event(body))
    assert [line.message for line in caplog.records] == messages


def test_reports_that_never_end_leave_the_worker_to_other_tasks(sessions: Sessions) -> None:
    class Endless:
        takes = 0

        def take(self, _: object) -> bool:
            self.takes += 1
            return True

    events = Endless()
    moments = itertools.count(0.0, 10.0)
    read_reports(sessions, cast("MailEvents", events), 30.0, lambda: next(moments))
    assert events.takes == 2


def attempt_that_died(sessions: Sessions, copies: int = 0) -> None:
    owe(sessions)
    with sessions.begin() as session:
        receipt = session.get_one(Receipt, "don_1")
        receipt.attempted_at, receipt.claimed_by, receipt.copies = now(), "dead", copies


@pytest.mark.parametrize(
    ("body", "copies", "is_noted"),
    [
        (report("Send"), 0, True),
        (bounce(), 0, True),  # and what bounced was sent
        (report("Send", "don_1-2"), 2, True),
        (report("Send"), 2, False),  # of an earlier copy
        (report("Send", "don_1-link"), 0, False),
        (report("Send", "don_2"), 0, False),
        (report("Open"), 0, False),
    ],
)
def test_a_report_closes_the_attempt_of_a_worker_that_died(
    sessions: Sessions, body: str, copies: int, is_noted: bool
) -> None:
    attempt_that_died(sessions, copies)
    with sessions.begin() as session:
        apply(session, read_event(body))
    assert sent(sessions) is is_noted
    if is_noted:
        with sessions() as session:
            receipt = session.get_one(Receipt, "don_1")
        assert (receipt.message_id, receipt.claimed_by) == ("ses-1", None)


@pytest.fixture
def queue(aws_endpoint: str) -> tuple[Any, str]:
    """A queue of SES's reports."""
    client = boto3.client("sqs", region_name="eu-central-1")
    return client, client.create_queue(QueueName=f"mail-{uuid4()}")["QueueUrl"]


def left(queue: tuple[Any, str]) -> int:
    client, url = queue
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(count) for count in attributes.values())


def test_the_queue_is_read_to_its_end_and_what_is_no_event_is_left_in_it(
    sessions: Sessions, queue: tuple[Any, str], caplog: pytest.LogCaptureFixture
) -> None:
    client, url = queue
    for body in [bounce(), *[report("Open")] * 14, "nonsense"]:
        client.send_message(QueueUrl=url, MessageBody=body)
    read_reports(sessions, MailEvents(url, "eu-central-1"))
    assert addresses(sessions) == [("ada@example.org", "bounce")]
    assert left(queue) == 1
    errors = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert errors == ["Message in the queue of mail events not read"]


def test_events_stay_until_they_are_applied(sessions: Sessions, queue: tuple[Any, str]) -> None:
    client, url = queue
    client.send_message(QueueUrl=url, MessageBody=report("Send"))

    def fail(_: object) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        MailEvents(url, "eu-central-1").take(fail)
    assert left(queue) == 1


@pytest.mark.parametrize(
    ("local", "reason"), [("bounce", "bounce"), ("complaint", "complaint"), ("success", None)]
)
def test_a_laptop_has_ses_s_mailbox_simulator(
    settings: Settings, sessions: Sessions, queue: tuple[Any, str], local: str, reason: str | None
) -> None:
    address = f"{local}@simulator.amazonses.com"
    changes = {"mail_directory": "mails", "mail_events_queue_url": queue[1]}
    services = Services(Settings.model_validate({**settings.model_dump(), **changes}))
    take(sessions, Status.SUCCEEDED, donor_email=address)
    with sessions.begin() as session:
        session.add(Receipt(donation_id="don_1"))
    send_receipt(services.sessions, services.mailer, "don_1", Attempt(60))
    assert services.mail_events is not None
    read_reports(sessions, services.mail_events)
    services.close()
    assert sent(sessions)
    assert addresses(sessions) == ([(address, reason)] if reason else [])


def test_erasing_a_donor_erases_the_suppression(sessions: Sessions) -> None:
    take(sessions, Status.SUCCEEDED)
    with sessions.begin() as session:
        suppress(session, "ada@example.org", Reason.BOUNCE, None)
        suppress(session, "eve@example.org", Reason.BOUNCE, None)
    assert erase_donor(sessions, "ADA@example.org") == 1
    assert addresses(sessions) == [("eve@example.org", "bounce")]


def test_operators_see_and_lift_suppressions(
    sessions: Sessions,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    with sessions.begin() as session:
        suppress(session, "ada@example.org", Reason.BOUNCE, "Permanent General")
    main(["suppressions", "list"])
    assert capsys.readouterr().out == f"ada@example.org  bounce {now():%F}, Permanent General\n"
    main(["suppressions", "lift", "Ada@example.org"])
    assert addresses(sessions) == []
    with pytest.raises(SystemExit) as failed:
        main(["suppressions", "lift", "ada@example.org"])
    assert failed.value.code == 1


def test_the_kinds_of_outcomes() -> None:
    outcomes = [read_event(body).outcome for body in (report("Send"), bounce(), report("Open"))]
    assert outcomes == [Outcome.SENT, Outcome.BOUNCED, Outcome.OTHER]
