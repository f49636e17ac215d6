"""Parts of a donation that staff ask to refund: each once, and never more than there is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import stripe
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import PaymentDeclined, PaymentUnavailable
from amply.database.base import now
from amply.database.leases import Attempt
from amply.donations import refunds
from amply.donations.models import Donation, Status
from amply.donations.tasks import refund_donation
from amply.ledger.models import Account
from amply.ledger.postings import balances
from amply.payments.gateway import PaymentGateway, Refund, RefundMade
from amply.payments.records import ChargeRecord, RefundRecord
from amply.payments.stripe_gateway import StripeGateway
from amply.payments.stripe_requests import stripe_client
from amply.reconciliation.booking import book
from amply.reconciliation.invariants import faults
from tests.amply.support.stripe.gateways import Gateway, read, take

Sessions = sessionmaker[Session]


@pytest.fixture
def charged(sessions: Sessions) -> Iterator[Sessions]:
    """Sessions of a database with a charged donation of 50 EUR; in the end the books hold."""
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    with sessions.begin() as session:
        book(ChargeRecord("ch_1", "pi_1", "don_1", 5000, "EUR", 0, 0, now()), session)
    yield sessions
    with sessions() as session:
        assert faults(session) == {}


def ask(sessions: Sessions, amount: int | None = None, key: str | None = None) -> bool:
    with sessions.begin() as session:
        return refunds.request_refund(session, "don_1", amount, key) is not None


def refund(sessions: Sessions, gateway: PaymentGateway) -> None:
    refund_donation(sessions, gateway, "don_1", Attempt(60))


def returned(sessions: Sessions) -> int:
    with sessions() as session:
        return balances(session, Account.REFUNDS).get("EUR", 0)


class Amounts(Gateway):
    """Remembers the amounts it was asked to refund."""

    def refund(self, refund: Refund) -> RefundMade:
        self.amounts = [*getattr(self, "amounts", []), refund.amount]
        return super().refund(refund)


def test_parts_until_nothing_is_left(charged: Sessions) -> None:
    gateway = Amounts()
    for number, (amount, status, total) in enumerate(
        [(1000, "succeeded", 1000), (1500, "succeeded", 2500), (None, "refunded", 5000)]
    ):
        assert ask(charged, amount, f"key-{number}")
        for _ in range(2):
            refund(charged, gateway)
        donation = read(charged)
        assert (donation.status, donation.claimed_by, returned(charged)) == (status, None, total)
        is_asked_for = donation.refund_requested_at is not None
        assert is_asked_for is (status == "refunded")
    assert gateway.amounts == [1000, 1500, None]
    assert not ask(charged, 1)


def test_a_last_part_refunds_the_donation(charged: Sessions) -> None:
    ask(charged, 5000)
    refund(charged, Gateway())
    assert (read(charged).status, read(charged).refund_id) == ("refunded", "re_1")


def test_all_that_is_left_after_a_part_that_only_stripe_knows(
    charged: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    """People refunded 10 EUR at Stripe itself, and its event comes after our refund of the rest."""
    ask(charged)
    refund(charged, Gateway(left=4000))
    assert (read(charged).status, returned(charged)) == ("succeeded", 4000)
    assert read(charged).refund_requested_at is None
    with charged.begin() as session:
        assert faults(session) == {}
        for name, amount in (("re_0", 1000), ("re_1", 4000)):
            book(RefundRecord(name, "pi_1", amount, "EUR", None, now()), session)
    assert (read(charged).status, returned(charged)) == ("refunded", 5000)
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []


def test_no_more_than_is_left(charged: Sessions) -> None:
    assert not ask(charged, 5001)
    ask(charged, 4000)
    refund(charged, Gateway())
    assert not ask(charged, 1001)
    assert ask(charged, 1000)


def test_a_request_that_is_repeated_is_one_refund(charged: Sessions) -> None:
    gateway = Gateway()
    assert [ask(charged, 1000, "a"), ask(charged, 1000, "a")] == [True, False]
    assert not ask(charged, 1000, "b")  # one at a time
    refund(charged, gateway)
    assert not ask(charged, 1000, "a")
    assert ask(charged, 1000, "b")
    assert gateway.refunds == ["pi_1"]


def test_what_the_webhook_booked_is_not_booked_again(charged: Sessions) -> None:
    record = RefundRecord("re_1", "pi_1", 1000, "EUR", None, now())

    def webhook() -> None:
        with charged.begin() as session:
            book(record, session)

    ask(charged, 1000)
    refund(charged, Gateway(meanwhile=webhook))
    webhook()
    assert returned(charged) == 1000
    assert read(charged).refund_requested_at is None


def test_a_refusal_or_silence_leaves_the_donation_as_it_was(charged: Sessions) -> None:
    ask(charged, 1000)
    with pytest.raises(PaymentUnavailable):
        refund(charged, Gateway(PaymentUnavailable("timeout")))
    assert read(charged).refund_amount == 1000
    refund(charged, Gateway(PaymentDeclined("charge_disputed")))
    donation = read(charged)
    assert (donation.status, donation.refund_amount, donation.refund_failure_code) == (
        "succeeded",
        None,
        "charge_disputed",
    )
    assert ask(charged)


def test_a_part_that_fails_later_may_be_asked_for_again(
    charged: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    ask(charged, 5000 - 1)
    refund(charged, Gateway())
    record = RefundRecord("re_1", "pi_1", 4999, "EUR", "lost_or_stolen_card", now())
    for _ in range(2):
        with charged.begin() as session:
            book(record, session)
    assert (read(charged).status, read(charged).refund_failure_code) == (
        "succeeded",
        "lost_or_stolen_card",
    )
    assert returned(charged) == 0
    errors = [one.message for one in caplog.records if one.levelname == "ERROR"]
    assert errors == ["Refund failed after it was made"]
    assert ask(charged, 4999)


def test_an_attempt_that_lost_its_claim_takes_back_no_later_request(charged: Sessions) -> None:
    def later() -> None:
        with charged.begin() as session:
            session.execute(update(Donation).values(claimed_by="another", refund_amount=7))

    ask(charged, 1000)
    refund(charged, Gateway(meanwhile=later))
    assert (read(charged).refund_amount, read(charged).claimed_by) == (7, "another")


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=24)])
def test_stripe_refunds_a_part_once_though_it_is_asked_twice(
    stripe_address: str, age: timedelta
) -> None:
    """Its key is forgotten after a day: then the refund is found by our metadata."""
    client = stripe.StripeClient("sk_test_1", base_addresses={"api": stripe_address})
    form = {"amount": 5000, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
    intent = client.v1.payment_intents.create(form)  # type: ignore[arg-type]
    gateway = StripeGateway(stripe_client("sk_test_1", stripe_address))
    asked = Refund("don_1", intent.id, now() - age, 1000)
    first = gateway.refund(asked)
    if age:  # Stripe has forgotten the key
        gateway._client = Forgetful(gateway._client)  # type: ignore[assignment]
    assert gateway.refund(asked) == first
    assert gateway.refund(replace(asked, requested_at=asked.requested_at + timedelta(1))) != first
    made = client.v1.refunds.list({"payment_intent": intent.id}).data
    assert sorted(one.amount for one in made) == [1000, 1000]


class Forgetful:
    """A client of Stripe whose idempotency keys mean nothing."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self.v1 = self
        self.refunds = self
        self._refunds = client.v1.refunds

    def create(self, params: object, _: object) -> stripe.Refund:
        return self._refunds.create(params)  # type: ignore[arg-type]

    def list(self, params: object) -> object:
        return self._refunds.list(params)  # type: ignore[arg-type]
