"""Reconciliation with the embedded Stripe: lost webhooks are repaired, stray charges reported."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import stripe
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from amply.base.task_names import RECONCILE
from amply.database.base import now
from amply.donations.models import Donation, Status
from amply.donations.receipt import Receipt
from amply.embedded.stripe.process import running_in_thread
from amply.ledger.models import Account, LedgerLine
from amply.ledger.postings import balances
from amply.outbox.models import OutboxMessage
from amply.payments.records import RefundRecord, Resource
from amply.payments.stripe_records import StripeRecords
from amply.payments.stripe_requests import stripe_client
from amply.reconciliation.booking import book
from amply.reconciliation.differences import open_differences
from amply.reconciliation.invariants import faults
from amply.reconciliation.models import Dispute, Reconciliation
from amply.reconciliation.run import book_object, reconcile, reconcile_nightly
from tests.amply.support.stripe.gateways import read, take
from tests.waiting import until

Sessions = sessionmaker[Session]
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def address() -> Iterator[str]:
    """A Stripe without any payments."""
    with running_in_thread() as address:
        yield address


@pytest.fixture
def records(address: str) -> StripeRecords:
    return StripeRecords(stripe_client("sk_test_1", address))


@pytest.fixture
def client(address: str) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_1", base_addresses={"api": address}, max_network_retries=0)


def pay(
    client: stripe.StripeClient, donation_id: str | None = "don_1", card: str = "pm_card_visa"
) -> str:
    """Charge a card at Stripe without an event to us; return the payment's id."""
    form: dict[str, Any] = {"amount": 5000, "currency": "eur", "payment_method": card}
    if donation_id is not None:
        form["metadata"] = {"donation_id": donation_id}
    return client.v1.payment_intents.create({**form, "confirm": True}).id  # type: ignore[typeddict-item]


def agree(sessions: Sessions, records: StripeRecords) -> None:
    """Check that the ledger's balance at Stripe equals Stripe's, and that every rule holds."""
    with sessions() as session:
        ours = balances(session, Account.STRIPE)
        assert faults(session) == {}
    assert {code: amount for code, amount in ours.items() if amount} == {
        code: amount for code, amount in records.balance().items() if amount
    }


def test_a_success_whose_webhook_was_lost(
    sessions: Sessions, records: StripeRecords, client: stripe.StripeClient
) -> None:
    payment = pay(client)
    take(sessions, Status.PROCESSING, payment_id=payment)
    for repairs in (1, 0):
        run = reconcile(sessions, records, SINCE)
        assert (run.objects, run.repairs) == (1, repairs)
    assert read(sessions).status == "succeeded"
    with sessions() as session:
        assert session.get(Receipt, "don_1") is not None
        assert balances(session, Account.FEES) == {"EUR": 100}
    agree(sessions, records)


def test_what_an_older_release_settled_without_posting(
    sessions: Sessions, records: StripeRecords, client: stripe.StripeClient
) -> None:
    take(sessions, Status.SUCCEEDED, payment_id=pay(client))
    assert reconcile(sessions, records, SINCE).repairs == 1
    agree(sessions, records)


@pytest.mark.parametrize(
    ("status", "fields", "kind"),
    [
        (None, {}, "charge_without_donation"),
        (Status.SUCCEEDED, {"payment_id": "pi_other"}, "second_charge"),
        (Status.FAILED, {"failure_code": "lost_card"}, "charge_of_failed_donation"),
    ],
)
def test_a_stray_charge_is_reported_until_it_is_refunded(
    sessions: Sessions,
    records: StripeRecords,
    client: stripe.StripeClient,
    caplog: pytest.LogCaptureFixture,
    status: Status | None,
    fields: dict[str, str],
    kind: str,
) -> None:
    if status is not None:
        take(sessions, status, **fields)
    payment = pay(client)
    for _ in range(2):
        assert reconcile(sessions, records, SINCE).repairs == 0
    with sessions() as session:
        (difference,) = open_differences(session)
        assert (difference.kind, difference.source) == (kind, payment)
        assert balances(session, Account.UNASSIGNED) == {"EUR": -5000}
    errors = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert errors == ["Stripe's records differ from ours"]


def test_refunding_a_stray_charge_resolves_it(
    sessions: Sessions, records: StripeRecords, client: stripe.StripeClient
) -> None:
    client.v1.refunds.create({"payment_intent": pay(client)})
    reconcile(sessions, records, SINCE)
    with sessions() as session:
        assert open_differences(session) == []
    agree(sessions, records)


def test_refunds_in_parts(
    sessions: Sessions, records: StripeRecords, client: stripe.StripeClient
) -> None:
    payment = pay(client)
    take(sessions, Status.SUCCEEDED, payment_id=payment)
    client.v1.refunds.create({"payment_intent": payment, "amount": 2000})
    reconcile(sessions, records, SINCE)
    assert read(sessions).status == "succeeded"
    agree(sessions, records)
    client.v1.refunds.create({"payment_intent": payment})
    reconcile(sessions, records, SINCE)
    assert read(sessions).status == "refunded"
    agree(sessions, records)


def test_a_refund_that_fails_later_may_be_requested_again(
    sessions: Sessions,
    records: StripeRecords,
    client: stripe.StripeClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    payment = pay(client, card="pm_card_refundFail")
    take(sessions, Status.SUCCEEDED, payment_id=payment)
    refund = client.v1.refunds.create({"payment_intent": payment})
    with sessions.begin() as session:  # as it is for the first second
        book(RefundRecord(refund.id, payment, 5000, "EUR", None, now()), session)
    assert read(sessions).status == "refunded"
    until("failed", lambda: client.v1.refunds.retrieve(refund.id).status == "failed")
    reconcile(sessions, records, SINCE)
    for _ in range(2):
        book_object(sessions, records, Resource.REFUNDS, refund.id)
    donation = read(sessions)
    assert (donation.status, donation.refund_failure_code) == (
        "succeeded",
        "expired_or_canceled_card",
    )
    assert (donation.refund_id, donation.refund_requested_at) == (None, None)
    messages = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert messages == ["Refund failed after it was made"]
    agree(sessions, records)


@pytest.mark.parametrize(("evidence", "status"), [("winning", "won"), ("losing", "lost")])
def test_a_dispute_opened_and_decided(
    sessions: Sessions,
    records: StripeRecords,
    client: stripe.StripeClient,
    caplog: pytest.LogCaptureFixture,
    evidence: str,
    status: str,
) -> None:
    take(sessions, Status.SUCCEEDED, payment_id=pay(client, card="pm_card_createDispute"))
    for _ in range(2):
        reconcile(sessions, records, SINCE)
    agree(sessions, records)
    (dispute,) = client.v1.disputes.list().data
    client.v1.disputes.update(
        dispute.id, {"evidence": {"uncategorized_text": f"{evidence}_evidence"}, "submit": True}
    )
    book_object(sessions, records, Resource.DISPUTES, dispute.id)
    with sessions() as session:
        kept = session.get_one(Dispute, dispute.id)
        assert (kept.donation_id, kept.status) == ("don_1", status)
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == ["Donation disputed"]
    agree(sessions, records)


def test_payouts(sessions: Sessions, records: StripeRecords, client: stripe.StripeClient) -> None:
    take(sessions, Status.SUCCEEDED, payment_id=pay(client))
    payout = client.v1.payouts.create({"amount": 4000, "currency": "eur"})
    reconcile(sessions, records, SINCE)
    with sessions() as session:
        assert balances(session, Account.BANK) == {"EUR": 4000}
    agree(sessions, records)
    client.raw_request("post", f"/v1/test_helpers/payouts/{payout.id}/fail")
    reconcile(sessions, records, SINCE)
    agree(sessions, records)


def test_a_declined_charge_and_other_years_are_left_out(
    sessions: Sessions, records: StripeRecords, client: stripe.StripeClient
) -> None:
    with pytest.raises(stripe.CardError):
        pay(client, card="pm_card_chargeDeclined")
    pay(client)
    assert reconcile(sessions, records, now() + timedelta(hours=1)).objects == 0
    assert reconcile(sessions, records, SINCE).objects == 1


def test_a_run_goes_on_where_it_ended(
    sessions: Sessions,
    records: StripeRecords,
    client: stripe.StripeClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("amply.payments.stripe_records._MOST_IN_A_PAGE", 2)
    for number in range(5):
        payment = pay(client, f"don_{number}")
        take(sessions, Status.PROCESSING, id=f"don_{number}", payment_id=payment)
    ticks = count()
    runs: list[Reconciliation] = []
    while not runs or runs[-1].ended_at is None:
        clock = iter([0.0, 0.5, 1.5]).__next__  # one page fits into the second
        runs.append(reconcile(sessions, records, SINCE, seconds=1, clock=clock))
        assert next(ticks) < 10
    assert len(runs) == 6  # three pages of charges, and one of each other list
    assert {run.id for run in runs} == {runs[0].id}
    assert (runs[-1].objects, runs[-1].repairs) == (5, 5)
    agree(sessions, records)


def test_a_night_leaves_a_message_to_go_on(
    sessions: Sessions, records: StripeRecords, client: stripe.StripeClient
) -> None:
    for seconds, is_ended in ((0, False), (60, True)):
        reconcile_nightly(sessions, records, seconds)
        with sessions() as session:
            (run,) = session.scalars(select(Reconciliation))
            assert [run.ended_at is not None, now() - run.since > timedelta(3)] == [is_ended, True]
            (message,) = session.scalars(select(OutboxMessage))  # of the first night
            assert (message.task, message.arguments) == (RECONCILE, {})


def test_a_run_of_fewer_days_is_not_taken_for_one_of_more(
    sessions: Sessions, records: StripeRecords, client: stripe.StripeClient
) -> None:
    tonight = reconcile(sessions, records, now() - timedelta(days=7), seconds=0)
    assert tonight.ended_at is None
    whole = reconcile(sessions, records, SINCE)
    assert whole.id != tonight.id
    assert reconcile(sessions, records, now()).id == tonight.id  # of more days than asked for


def test_a_charge_of_another_amount_is_reported(
    sessions: Sessions, records: StripeRecords, client: stripe.StripeClient
) -> None:
    payment = pay(client)
    take(sessions, Status.SUCCEEDED, payment_id=payment, amount=4000)
    client.v1.refunds.create({"payment_intent": payment})
    for _ in range(2):
        reconcile(sessions, records, SINCE)
    with sessions() as session:
        kinds = {one.kind: one.amount for one in open_differences(session)}
        assert kinds == {"other_amount": 5000, "refunded_too_much": 5000}
        assert balances(session, Account.DONATIONS) == {"EUR": -5000}
        assert len(faults(session)) == 2


def test_a_fifth_of_the_webhooks_lost_and_five_stray_charges(
    sessions: Sessions, records: StripeRecords, client: stripe.StripeClient
) -> None:
    for number in range(20):
        donation_id = f"don_{number}"
        payment = pay(client, donation_id)
        lost = number % 5 == 0
        status = Status.PROCESSING if lost else Status.SUCCEEDED
        take(sessions, status, id=donation_id, payment_id=payment)
    strays = {pay(client, None) for _ in range(5)}
    reconcile(sessions, records, SINCE)
    assert reconcile(sessions, records, SINCE).repairs == 0
    with sessions() as session:
        assert {one.source for one in open_differences(session)} == strays
        assert set(session.scalars(select(Donation.status))) == {"succeeded"}
        assert len(session.scalars(select(LedgerLine)).all()) == 2 * (25 + 25)
    agree(sessions, records)
