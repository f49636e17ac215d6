"""Donors whose bank asks for confirmation, and donors on a payment page: each pays once."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import (
    MailRefused,
    MailUnavailable,
    PaymentDeclined,
    PaymentUnavailable,
    StillClaimed,
)
from amply.database.base import now
from amply.database.leases import Attempt
from amply.donations import repository
from amply.donations.models import Flow, Status
from amply.donations.pages import look_at_pages, send_payment_link
from amply.donations.receipt import Receipt
from amply.donations.recovery import MOST_ATTEMPTS, recover_donations
from amply.donations.tasks import charge_donation
from amply.mail.mailer import Mail
from amply.outbox.models import OutboxMessage
from amply.payments.pages import BANK_ASKS, PageState
from tests.amply.support.stripe.gateways import Gateway, Pages, read, take

Sessions = sessionmaker[Session]

HALF_AN_HOUR = timedelta(minutes=30)


class Mailbox:
    """A mailer in memory, which can be set to fail."""

    def __init__(self, fails_with: Exception | None = None) -> None:
        self.mails: list[Mail] = []
        self.fails_with = fails_with

    def send(self, mail: Mail) -> None:
        if self.fails_with:
            raise self.fails_with
        self.mails.append(mail)


def asked(sessions: Sessions, **fields: object) -> None:
    """Insert a donation whose bank asks the donor for confirmation."""
    take(sessions, Status.AWAITING, **{"payment_id": "pi_1", **fields})


def on_a_page(sessions: Sessions, minutes: float, **fields: object) -> None:
    """Insert a donation whose donor opened a payment page some minutes ago."""
    moment = now() - timedelta(minutes=minutes)
    moved = {"created_at": moment, "updated_at": moment}
    page = {"flow": Flow.CHECKOUT, "payment_method": None, "page_id": "cs_1"}
    take(sessions, Status.AWAITING, **{**moved, **page, **fields})


def link(
    sessions: Sessions,
    gateway: Gateway | None = None,
    pages: Pages | None = None,
    mailbox: Mailbox | None = None,
) -> Mailbox:
    mailbox = mailbox or Mailbox()
    send_payment_link(
        sessions, gateway or Gateway(), pages or Pages(), mailbox, "don_1", Attempt(60)
    )
    return mailbox


def look(sessions: Sessions, pages: Pages) -> None:
    look_at_pages(sessions, pages, HALF_AN_HOUR, Attempt(60))


def state(sessions: Sessions) -> tuple[str, str | None, str | None]:
    donation = read(sessions)
    return donation.status, donation.failure_code, donation.payment_id


def receipts(sessions: Sessions) -> int:
    with sessions() as session:
        return len(session.scalars(select(Receipt)).all())


@pytest.mark.parametrize("code", sorted(BANK_ASKS))
def test_a_bank_that_asks_has_a_link_mailed_and_fails_nothing(
    sessions: Sessions, code: str
) -> None:
    take(sessions, deaths=1)
    message = charge_donation(sessions, Gateway(PaymentDeclined(code)), "don_1", Attempt(60))
    assert message is not None
    assert message.task == "amply.donations.link"
    with sessions() as session:
        assert session.get(OutboxMessage, message.id) is not None
    assert state(sessions) == ("awaiting", None, "pi_1")
    donation = read(sessions)
    assert (donation.claimed_by, donation.attempts, donation.deaths) == (None, 0, 0)


def test_the_payment_is_canceled_before_a_page_is_opened(sessions: Sessions) -> None:
    """A donor who pays on the page must not be charged by the first payment too."""
    asked(sessions)
    gateway = Gateway()
    pages = Pages(meanwhile=lambda: canceled_before.append(list(gateway.canceled)))
    canceled_before: list[list[str]] = []
    (mail,) = link(sessions, gateway, pages).mails
    assert canceled_before == [["pi_1"]]
    assert (mail.to, mail.key) == ("ada@example.org", "don_1-link")
    assert "https://pay/cs_1" in mail.text
    assert "50.00 EUR" in mail.text
    donation = read(sessions)
    assert (donation.page_id, donation.payment_id) == ("cs_1", None)
    assert donation.link_sent_at is not None
    assert link(sessions).mails == []


@pytest.mark.parametrize(("name", "greeting"), [("Ada", "Dear Ada,"), (None, "Dear donor,")])
def test_a_link_greets_the_donor(sessions: Sessions, name: str | None, greeting: str) -> None:
    asked(sessions, donor_name=name)
    (mail,) = link(sessions).mails
    assert mail.text.startswith(f"{greeting}\n")


def test_a_payment_that_was_charged_meanwhile_needs_no_page(sessions: Sessions) -> None:
    asked(sessions)
    pages = Pages()
    assert link(sessions, Gateway(charged=True), pages).mails == []
    assert pages.opened == []
    assert state(sessions) == ("succeeded", None, "pi_1")


def test_a_mail_that_is_not_accepted_is_sent_again_with_the_same_page(sessions: Sessions) -> None:
    asked(sessions)
    pages = Pages()
    with pytest.raises(MailUnavailable):
        link(sessions, pages=pages, mailbox=Mailbox(MailUnavailable("SES")))
    (mail,) = link(sessions, pages=pages).mails
    assert "https://pay/cs_1" in mail.text
    assert (len(pages.opened), pages.read_ids) == (1, ["cs_1"])


def test_a_wrong_address_is_not_tried_again(sessions: Sessions) -> None:
    asked(sessions)
    link(sessions, mailbox=Mailbox(MailRefused("no such address")))
    assert link(sessions).mails == []


def test_a_page_that_stripe_does_not_open_fails_the_donation(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    asked(sessions)
    link(sessions, pages=Pages(fails_with=PaymentDeclined("amount_too_small")))
    assert state(sessions) == ("failed", "amount_too_small", "pi_1")
    (line,) = [record for record in caplog.records if record.message == "Donation failed"]
    assert vars(line)["failure_code"] == "amount_too_small"


def test_without_an_answer_the_link_is_left_to_the_next_attempt(sessions: Sessions) -> None:
    asked(sessions)
    with pytest.raises(PaymentUnavailable):
        link(sessions, pages=Pages(fails_with=PaymentUnavailable("HTTP 500")))
    assert len(link(sessions).mails) == 1


def test_an_attempt_that_lost_its_claim_mails_no_link(sessions: Sessions) -> None:
    asked(sessions)

    def take_over() -> None:
        with sessions.begin() as session:
            assert repository.linking("don_1").claim(session, Attempt(60))

    pages = Pages(meanwhile=take_over)
    mailbox = Mailbox()
    late = Attempt(-1)
    with pytest.raises(StillClaimed):
        send_payment_link(sessions, Gateway(), pages, mailbox, "don_1", late)
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("page", "expected", "sent"),
    [
        (PageState.OPEN, ("awaiting", None, None), 0),
        (PageState.PAID, ("succeeded", None, "pi_of_page"), 1),
        (PageState.ENDED, ("failed", "payment_expired", None), 0),
    ],
)
def test_a_look_settles_what_has_ended(
    sessions: Sessions, page: PageState, expected: tuple[str, str | None, str | None], sent: int
) -> None:
    on_a_page(sessions, 3)
    pages = Pages(page)
    look(sessions, pages)
    assert (pages.read_ids, pages.closed) == (["cs_1"], [])
    assert state(sessions) == expected
    assert receipts(sessions) == sent
    look(sessions, pages)
    assert receipts(sessions) == sent


@pytest.mark.parametrize(
    ("minutes", "looks", "is_due"),
    [(1.9, 0, 0), (2.1, 0, 1), (4.9, 2, 0), (5.1, 2, 1), (29, 3, 0), (31, 3, 1)],
)
def test_looks_become_rare(sessions: Sessions, minutes: float, looks: int, is_due: int) -> None:
    on_a_page(sessions, minutes, attempts=looks)
    pages = Pages()
    look(sessions, pages)
    assert len(pages.read_ids) == is_due
    if is_due:
        assert read(sessions).attempts == looks + 1
        assert read(sessions).claimed_by is None
        look(sessions, pages)
        assert len(pages.read_ids) == 1


def test_a_page_that_nobody_paid_for_a_day_is_closed(sessions: Sessions) -> None:
    """Stripe never ends a PaymentIntent automatically."""
    on_a_page(sessions, 26 * 60, page_id="pi_page_1", flow=Flow.ELEMENTS)
    pages = Pages()
    look(sessions, pages)
    assert pages.closed == ["pi_page_1"]
    assert state(sessions)[:2] == ("failed", "payment_expired")


def test_a_day_counts_from_the_link(sessions: Sessions) -> None:
    on_a_page(sessions, 26 * 60, flow=Flow.SAVED, link_sent_at=now() - timedelta(hours=2))
    pages = Pages()
    look(sessions, pages)
    assert (pages.closed, pages.read_ids) == ([], ["cs_1"])


@pytest.mark.parametrize(("hours", "status"), [(24, "awaiting"), (26, "failed")])
def test_a_donation_without_a_page_is_given_up_after_a_day(
    sessions: Sessions, hours: int, status: str
) -> None:
    """The API was killed before it stored the page, so the donor never saw it."""
    on_a_page(sessions, hours * 60, page_id=None)
    look(sessions, Pages())
    assert state(sessions)[0] == status
    with sessions.begin() as session:  # Stripe's word counts all the same
        assert repository.succeed(session, "don_1", "pi_9")
    assert state(sessions) == ("succeeded", None, "pi_9")


def test_stripe_away_leaves_the_donor_awaited(sessions: Sessions) -> None:
    on_a_page(sessions, 3)
    with pytest.raises(PaymentUnavailable):
        look(sessions, Pages(fails_with=PaymentUnavailable("HTTP 500")))
    assert state(sessions) == ("awaiting", None, None)
    assert read(sessions).claimed_by is None


def test_a_link_that_was_lost_is_sent_again(sessions: Sessions) -> None:
    asked(sessions, updated_at=now() - timedelta(minutes=31))
    recover_donations(sessions, Gateway(), Pages(), HALF_AN_HOUR, Attempt(60))
    with sessions() as session:
        assert list(session.scalars(select(OutboxMessage.task))) == ["amply.donations.link"]


@pytest.mark.parametrize(
    ("page_id", "page", "charged", "status", "code"),
    [
        (None, PageState.OPEN, False, "failed", "processing_abandoned"),
        (None, PageState.OPEN, True, "succeeded", None),
        ("cs_1", PageState.OPEN, False, "failed", "processing_abandoned"),
        ("cs_1", PageState.PAID, False, "succeeded", None),
    ],
)
def test_a_link_of_which_attempts_die_is_settled_by_what_stripe_says(
    sessions: Sessions,
    page_id: str | None,
    page: PageState,
    charged: bool,
    status: str,
    code: str | None,
) -> None:
    asked(
        sessions,
        page_id=page_id,
        payment_id=None if page_id else "pi_1",
        updated_at=now() - timedelta(minutes=31),
        deaths=MOST_ATTEMPTS,
    )
    gateway, pages = Gateway(charged=charged), Pages(page)
    recover_donations(sessions, gateway, pages, HALF_AN_HOUR, Attempt(60))
    assert state(sessions)[:2] == (status, code)
    assert (gateway.canceled, pages.closed) == (([], ["cs_1"]) if page_id else (["pi_1"], []))


def test_a_donor_who_is_awaited_is_charged_by_no_task(sessions: Sessions) -> None:
    on_a_page(sessions, 3)
    gateway = Gateway()
    assert charge_donation(sessions, gateway, "don_1", Attempt(60)) is None
    assert (gateway.opened, gateway.confirmed) == ([], [])
