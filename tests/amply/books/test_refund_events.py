"""Refunds reported by events in any order, late or repeated: only Stripe's lists count."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from amply.database.base import now
from amply.donations import refunds
from amply.donations.models import Status
from amply.donations.receipt import Receipt
from amply.ledger.models import Account
from amply.ledger.postings import balances
from amply.payments.records import ChargeRecord, Page, Record, RefundRecord, Resource
from amply.reconciliation.booking import book
from amply.reconciliation.differences import open_differences
from amply.reconciliation.invariants import faults
from amply.reconciliation.run import book_object
from tests.amply.support.stripe.gateways import read, take

Sessions = sessionmaker[Session]
REFUND = RefundRecord("re_1", "pi_1", 5000, "EUR", None, now())
FAILED = replace(REFUND, failure_code="expired_or_canceled_card")


@dataclass
class Records:
    """Stripe's records of one charge."""

    charge: ChargeRecord = field(
        default_factory=lambda: ChargeRecord("ch_1", "pi_1", "don_1", 5000, "EUR", 5000, 0, now())
    )
    refunds: tuple[RefundRecord, ...] = (REFUND,)

    def page(self, resource: Resource, since: datetime, after: str | None) -> Page:
        raise NotImplementedError(resource, since, after)

    def retrieve(self, resource: Resource, record_id: str) -> Record:
        assert (resource, record_id) == (Resource.CHARGES, "ch_1")
        return self.charge

    def refunds_of(self, payment_id: str) -> tuple[RefundRecord, ...]:
        assert payment_id == "pi_1"
        return self.refunds

    def balance(self) -> dict[str, int]:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def _the_books_hold(sessions: Sessions) -> Iterator[None]:
    yield
    with sessions() as session:
        assert faults(session) == {}


def on_charge_refunded(sessions: Sessions, *refunds: RefundRecord) -> None:
    book_object(sessions, Records(refunds=refunds or (REFUND,)), Resource.CHARGES, "ch_1")


def test_before_the_success_which_it_implies(sessions: Sessions) -> None:
    take(sessions, Status.PROCESSING)
    for _ in range(2):
        on_charge_refunded(sessions)
    donation = read(sessions)
    assert (donation.status, donation.payment_id, donation.refund_id) == (
        "refunded",
        "pi_1",
        "re_1",
    )
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == 1


def test_the_old_news_of_a_refund_after_its_failure(sessions: Sessions) -> None:
    """`charge.refunded` arrives again, or late, after `refund.failed`."""
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    on_charge_refunded(sessions)
    assert read(sessions).status == "refunded"
    for _ in range(2):
        on_charge_refunded(sessions, FAILED)
    donation = read(sessions)
    assert (donation.status, donation.refund_failure_code) == (
        "succeeded",
        "expired_or_canceled_card",
    )


@pytest.mark.parametrize("order", list(itertools.permutations([REFUND, REFUND, FAILED])))
def test_tasks_that_overtake_one_another(
    sessions: Sessions, order: tuple[RefundRecord, ...]
) -> None:
    """Both tasks read Stripe before either one posts; one of them read an outdated refund."""
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    with sessions.begin() as session:
        book(Records().charge, session)
    for record in order:
        with sessions.begin() as session:
            book(record, session)
    assert read(sessions).status == "succeeded"
    with sessions() as session:
        assert balances(session, Account.REFUNDS) == {"EUR": 0}


def test_a_refund_that_failed_before_the_attempt_that_made_it_ends(sessions: Sessions) -> None:
    """The attempt died after Stripe's answer; the next one is answered by the same key."""
    take(sessions, Status.SUCCEEDED, payment_id="pi_1", refund_requested_at=now())
    with sessions.begin() as session:
        book(Records().charge, session)
        book(FAILED, session)
    with sessions.begin() as session:
        assert not refunds.refund(session, "don_1", "pi_1", "re_1")
    donation = read(sessions)
    assert (donation.status, donation.refund_id, donation.refund_requested_at) == (
        "succeeded",
        None,
        None,
    )
    assert donation.refund_failure_code == "expired_or_canceled_card"


def test_a_part_that_failed_leaves_the_request_of_staff(sessions: Sessions) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1", refund_requested_at=now())
    with sessions.begin() as session:
        book(Records().charge, session)
        book(replace(FAILED, amount=1000), session)
    assert read(sessions).refund_requested_at is not None


def test_a_new_refund_after_one_that_failed(sessions: Sessions) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    on_charge_refunded(sessions, FAILED, replace(REFUND, id="re_2"))
    assert (read(sessions).status, read(sessions).refund_id) == ("refunded", "re_2")


def test_late_news_that_a_refund_failed_leaves_the_one_that_replaced_it(
    sessions: Sessions,
) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    for record in (Records().charge, replace(REFUND, id="re_2"), FAILED):
        with sessions.begin() as session:
            book(record, session)
    assert read(sessions).status == "refunded"


def test_a_part_leaves_the_donation_succeeded(sessions: Sessions) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    on_charge_refunded(sessions, replace(REFUND, amount=1000))
    assert read(sessions).status == "succeeded"
    with sessions() as session:
        assert balances(session, Account.REFUNDS) == {"EUR": 1000}


@pytest.mark.parametrize(
    ("status", "payment_id"), [(Status.SUCCEEDED, "pi_0"), (Status.FAILED, None)]
)
def test_of_a_second_charge_it_leaves_the_donation_alone(
    sessions: Sessions, caplog: pytest.LogCaptureFixture, status: Status, payment_id: str | None
) -> None:
    take(sessions, status, payment_id=payment_id)
    with sessions.begin() as session:
        first = ChargeRecord("ch_0", "pi_0", "don_1", 5000, "EUR", 0, 0, now())
        if payment_id:
            book(first, session)
    caplog.set_level("INFO")
    on_charge_refunded(sessions)
    assert (read(sessions).status, read(sessions).payment_id) == (status, payment_id)
    with sessions() as session:
        assert open_differences(session) == []
        assert balances(session, Account.UNASSIGNED) == {"EUR": 0}
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == []
    assert "Stray charge refunded" in [record.message for record in caplog.records]


def test_a_refund_booked_before_the_failure_of_the_one_before_is_not_too_much(
    sessions: Sessions,
) -> None:
    """Stripe allowed the second one because the first had failed; we hear of it in this order."""
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    kinds = []
    for record in (Records().charge, REFUND, replace(REFUND, id="re_2"), FAILED, REFUND):
        with sessions.begin() as session:
            book(record, session)
            kinds.append([difference.kind for difference in open_differences(session)])
    assert kinds == [[], [], ["refunded_too_much"], [], []]
    assert read(sessions).status == "refunded"


def test_a_refund_that_is_corrected_is_not_too_much_any_more(sessions: Sessions) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    for record in (Records().charge, REFUND, replace(REFUND, id="re_2", amount=4000)):
        with sessions.begin() as session:
            book(record, session)
    with sessions.begin() as session:
        assert [one.kind for one in open_differences(session)] == ["refunded_too_much"]
        book(replace(REFUND, amount=1000), session)
    with sessions() as session:
        assert open_differences(session) == []
