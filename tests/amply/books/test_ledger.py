"""The ledger: each posting exists once, in two lines that never change."""

import io
from datetime import UTC, datetime

import pytest
from sqlalchemy import Executable, delete, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from amply.donations import repository
from amply.donations.models import Status
from amply.donations.tasks import note_success
from amply.ledger.export import write_month
from amply.ledger.models import Account, LedgerLine
from amply.ledger.postings import Kind, Posting, balances, correct, post, posted
from amply.payments.records import DisputeRecord
from amply.reconciliation.booking import book
from amply.reconciliation.invariants import check_ledger, faults
from tests.amply.support.stripe.gateways import take

Sessions = sessionmaker[Session]
CHARGE = Posting(Kind.CHARGE, "pi_1", 5000, "EUR", "don_1")


def all_balances(sessions: Sessions) -> dict[Account, int]:
    """Return the balances in EUR of all accounts that have one."""
    with sessions() as session:
        sums = {account: balances(session, account).get("EUR", 0) for account in Account}
    return {account: amount for account, amount in sums.items() if amount}


def test_a_posting_is_made_once_and_adds_up_to_zero(sessions: Sessions) -> None:
    for is_new in (True, False):
        with sessions.begin() as session:
            assert post(session, CHARGE) == is_new
    assert all_balances(sessions) == {Account.STRIPE: 5000, Account.DONATIONS: -5000}


def test_nothing_is_posted_about_no_money(sessions: Sessions) -> None:
    with sessions.begin() as session:
        assert not post(session, Posting(Kind.FEE, "ch_1", 0, "EUR"))
        assert posted(session, Kind.FEE, "ch_1") is None


@pytest.mark.parametrize("change", [update(LedgerLine).values(amount=1), delete(LedgerLine)])
def test_a_line_is_never_changed(sessions: Sessions, change: Executable) -> None:
    with sessions.begin() as session:
        post(session, CHARGE)
    refusal = pytest.raises(DBAPIError, match="neither changed nor deleted")
    with refusal, sessions.begin() as session:
        session.execute(change)
    assert all_balances(sessions)[Account.STRIPE] == 5000


def test_a_correction_is_another_posting(sessions: Sessions) -> None:
    with sessions.begin() as session:
        post(session, Posting(Kind.REFUND, "re_1", 5000, "EUR", "don_1"))
        for difference in (-1000, 0):
            right = Posting(Kind.REFUND, "re_1", 4000, "EUR", "don_1")
            assert correct(session, right) == difference
    assert all_balances(sessions) == {Account.REFUNDS: 4000, Account.STRIPE: -4000}


def test_a_success_is_posted_in_its_transaction(sessions: Sessions) -> None:
    take(sessions, Status.PROCESSING, payment_id="pi_1")
    with sessions() as session:
        assert repository.succeed(session, "don_1", "pi_1")
        session.rollback()
    assert all_balances(sessions) == {}
    for _ in range(2):
        note_success(sessions, "don_1", "pi_1")
    assert all_balances(sessions) == {Account.STRIPE: 5000, Account.DONATIONS: -5000}


def test_invariants_find_what_is_wrong(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    take(sessions, Status.SUCCEEDED, id="don_2", payment_id="pi_2")
    take(sessions, Status.SUCCEEDED, id="don_3", payment_id="pi_3")
    with sessions.begin() as session:
        post(session, Posting(Kind.CHARGE, "pi_2", 5000, "EUR", "don_2"))
        post(session, Posting(Kind.CHARGE, "pi_3", 5000, "EUR", "don_3"))
        post(session, Posting(Kind.REFUND, "re_3", 5001, "EUR", "don_3"))
        session.add(
            LedgerLine(
                posting="half",
                account=Account.FEES,
                amount=1,
                currency="EUR",
                kind=Kind.FEE,
                occurred_at=datetime(2026, 11, 1, tzinfo=UTC),
            )
        )
    with sessions() as session:
        assert faults(session) == {
            "a posting does not add up to zero": ["half"],
            "a settled donation is not charged its amount": ["don_1"],
            "a donation is refunded more than it was, or says so wrongly": ["don_3"],
        }
    check_ledger(sessions)
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 3


@pytest.mark.parametrize(
    ("lines", "is_wrong"),
    [
        ([(Account.STRIPE, 5, "EUR"), (Account.FEES, -5, "EUR")], False),
        ([(Account.STRIPE, 5, "EUR"), (Account.FEES, -4, "EUR")], True),
        ([(Account.STRIPE, 5, "EUR"), (Account.FEES, -6, "EUR")], True),
        ([(Account.STRIPE, 5, "EUR"), (Account.FEES, -5, "USD")], True),
        ([(Account.STRIPE, 0, "EUR")], True),
        ([(Account.STRIPE, 5, "EUR"), (Account.FEES, -3, "EUR"), (Account.BANK, -2, "EUR")], True),
    ],
)
def test_a_posting_is_two_lines_of_one_currency_that_add_up_to_zero(
    sessions: Sessions, lines: list[tuple[Account, int, str]], is_wrong: bool
) -> None:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    with sessions.begin() as session:
        for account, amount, currency in lines:
            fields = {"account": account, "amount": amount, "currency": currency}
            session.add(LedgerLine(posting="fee 1", kind=Kind.FEE, occurred_at=moment, **fields))
    with sessions() as session:
        rule = "a posting does not add up to zero"
        assert faults(session) == ({rule: ["fee 1"]} if is_wrong else {})


@pytest.mark.parametrize(("status", "level"), [("won", "INFO"), ("lost", "WARNING")])
def test_a_dispute_is_an_error_once_and_lost_a_warning(
    sessions: Sessions, caplog: pytest.LogCaptureFixture, status: str, level: str
) -> None:
    caplog.set_level("INFO", logger="amply")
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    about = ("dp_1", "pi_1", 5000, "EUR", "fraudulent")
    for state in ("needs_response", "under_review", status, status):
        with sessions.begin() as session:
            book(DisputeRecord(*about, state, None, (), datetime(2026, 11, 1, tzinfo=UTC)), session)
    lines = [(line.message, line.levelname) for line in caplog.records]
    assert lines == [("Donation disputed", "ERROR"), ("Dispute closed", level)]


@pytest.mark.parametrize(("refunded", "is_wrong"), [(4999, True), (5000, False), (5001, True)])
def test_a_refunded_donation_is_refunded_its_amount(
    sessions: Sessions, refunded: int, is_wrong: bool
) -> None:
    take(sessions, Status.REFUNDED, payment_id="pi_1", refund_id="re_1")
    with sessions.begin() as session:
        post(session, CHARGE)
        post(session, Posting(Kind.REFUND, "re_1", refunded, "EUR", "don_1"))
    with sessions() as session:
        assert bool(faults(session)) is is_wrong


def test_a_broken_rule_names_ten_of_many(sessions: Sessions) -> None:
    for number in range(12):
        take(sessions, Status.SUCCEEDED, id=f"don_{number}", payment_id=f"pi_{number}")
    with sessions() as session:
        [names] = faults(session).values()
    assert len(names) == 10


def test_an_export_has_one_month(sessions: Sessions) -> None:
    months = {"pi_1": (2026, 11, 30, 23), "pi_2": (2026, 12, 1, 0), "pi_3": (2027, 1, 1, 0)}
    with sessions.begin() as session:
        for source, (year, month, day, hour) in months.items():
            moment = datetime(year, month, day, hour, 59, tzinfo=UTC)
            post(session, Posting(Kind.CHARGE, source, 5000, "EUR", "don_1", moment))
    out = io.StringIO()
    with sessions() as session:
        assert write_month(session, 2026, 12, out) == 2
    assert out.getvalue().splitlines() == [
        "date,kind,posting,donation_id,account,debit,credit,currency",
        "2026-12-01,charge,charge pi_2,don_1,stripe,5000,,EUR",
        "2026-12-01,charge,charge pi_2,don_1,donations,,5000,EUR",
    ]
