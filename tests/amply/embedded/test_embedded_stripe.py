"""The money of the embedded Stripe: charges, refunds, disputes, payouts, lists and expansion."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from amply.embedded.stripe.process import running_in_thread
from tests.amply.support.stripe.types import faults
from tests.waiting import until


@pytest.fixture
def client() -> Iterator[stripe.StripeClient]:
    """A client of an account without any payments."""
    with running_in_thread() as address:
        yield stripe.StripeClient(
            "sk_test_1", base_addresses={"api": address}, max_network_retries=0
        )


def pay(client: stripe.StripeClient, method: str = "pm_card_visa", amount: int = 10_000) -> str:
    """Charge a card, and return the intent's id."""
    intent = client.v1.payment_intents.create(
        {"amount": amount, "currency": "eur", "payment_method": method, "confirm": True}
    )
    return intent.id


def charge_of(client: stripe.StripeClient, intent_id: str) -> stripe.Charge:
    (charge,) = client.v1.charges.list({"payment_intent": intent_id}).data
    return charge


def movements(client: stripe.StripeClient) -> list[tuple[str, int, int]]:
    """Return category, amount and fee of all balance transactions, oldest first."""
    transactions = client.v1.balance_transactions.list({"limit": 100}).data
    return [(one.reporting_category, one.amount, one.fee) for one in reversed(transactions)]


def balance(client: stripe.StripeClient) -> int:
    return sum(one.amount for one in client.v1.balance.retrieve().available)


def kinds(client: stripe.StripeClient) -> list[str]:
    """Return the types of all events, oldest first."""
    return [event.type for event in reversed(client.v1.events.list({"limit": 100}).data)]


def helper(client: stripe.StripeClient, path: str) -> dict[str, Any]:
    """Call an endpoint that the embedded Stripe has and Stripe does not."""
    return raw(client, "post", f"/v1/test_helpers/{path}")


def raw(client: stripe.StripeClient, method: str, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(client.raw_request(method, path).body)
    return answer


def test_a_charge_is_in_the_balance_less_its_fee(client: stripe.StripeClient) -> None:
    charge = charge_of(client, pay(client))
    assert (charge.paid, charge.amount_captured) == (True, 10_000)
    assert movements(client) == [("charge", 10_000, 175)]
    assert balance(client) == 9_825
    assert kinds(client) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_a_declined_charge_moves_nothing(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as declined:
        pay(client, "pm_card_chargeDeclined")
    assert declined.value.error is not None
    (charge,) = client.v1.charges.list().data
    assert (charge.paid, charge.status, charge.failure_code) == (False, "failed", "card_declined")
    assert movements(client) == []
    assert kinds(client)[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_parts_of_a_charge_are_refunded_until_nothing_is_left(client: stripe.StripeClient) -> None:
    intent = pay(client)
    client.v1.refunds.create({"payment_intent": intent, "amount": 4_000})
    assert charge_of(client, intent).refunded is False
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        client.v1.refunds.create({"payment_intent": intent, "amount": 6_001})
    client.v1.refunds.create({"charge": charge_of(client, intent).id})
    charge = charge_of(client, intent)
    assert (charge.amount_refunded, charge.refunded) == (10_000, True)
    with pytest.raises(stripe.InvalidRequestError) as again:
        client.v1.refunds.create({"payment_intent": intent, "amount": 1})
    assert again.value.code == "charge_already_refunded"
    assert movements(client)[1:] == [("refund", -4_000, 0), ("refund", -6_000, 0)]
    assert kinds(client)[-2:] == ["refund.created", "charge.refunded"]


def test_a_refund_that_fails_later(client: stripe.StripeClient) -> None:
    intent = pay(client, "pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent})
    assert refund.status == "succeeded"
    until("it fails", lambda: client.v1.refunds.retrieve(refund.id).status == "failed")
    assert charge_of(client, intent).amount_refunded == 0
    assert movements(client)[1:] == [("refund", -10_000, 0), ("refund_failure", 10_000, 0)]
    assert kinds(client)[-1] == "refund.failed"


@pytest.mark.parametrize(
    ("evidence", "status", "after"),
    [
        ("winning_evidence", "won", [("dispute_reversal", 10_000, 0)]),
        ("losing_evidence", "lost", []),
    ],
)
def test_a_dispute(
    client: stripe.StripeClient, evidence: str, status: str, after: list[tuple[str, int, int]]
) -> None:
    intent = pay(client, "pm_card_createDispute")
    (dispute,) = client.v1.disputes.list({"payment_intent": intent}).data
    assert (dispute.status, dispute.reason) == ("needs_response", "fraudulent")
    assert charge_of(client, intent).disputed
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent})
    assert refused.value.code == "charge_disputed"
    closed = client.v1.disputes.update(
        dispute.id, {"evidence": {"uncategorized_text": evidence}, "submit": True}
    )
    assert closed.status == status
    assert movements(client)[1:] == [("dispute", -10_000, 2_000), *after]
    assert kinds(client)[-1] == "charge.dispute.closed"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.close(dispute.id)


def test_a_fraud_warning(client: stripe.StripeClient) -> None:
    intent = pay(client, "pm_card_createIssuerFraudRecord")
    (warning,) = client.v1.radar.early_fraud_warnings.list().data
    assert warning.payment_intent == intent
    assert kinds(client)[-1] == "radar.early_fraud_warning.created"


def test_an_automatic_payout_names_its_transactions(client: stripe.StripeClient) -> None:
    pay(client)
    client.v1.refunds.create({"payment_intent": pay(client, amount=1_000)})
    (payout,) = helper(client, "payouts")["data"]
    assert (payout["amount"], payout["status"], payout["automatic"]) == (9_785, "paid", True)
    assert balance(client) == 0
    paid_out = client.v1.balance_transactions.list({"payout": payout["id"]}).data
    assert sum(one.net for one in paid_out) == 0
    assert sum(one.net for one in paid_out if one.type != "payout") == 9_785
    assert helper(client, "payouts")["data"] == []
    assert kinds(client)[-2:] == ["payout.created", "payout.paid"]


def test_a_payout_that_the_bank_returns(client: stripe.StripeClient) -> None:
    pay(client)
    payout = client.v1.payouts.create({"amount": 5_000, "currency": "eur"})
    with pytest.raises(stripe.InvalidRequestError) as more:
        client.v1.payouts.create({"amount": 5_000, "currency": "eur"})
    assert more.value.code == "balance_insufficient"
    assert helper(client, f"payouts/{payout.id}/fail")["status"] == "failed"
    assert balance(client) == 9_825


def test_pages_forth_and_back(client: stripe.StripeClient) -> None:
    ids = [pay(client, amount=100 + n) for n in range(5)][::-1]
    first = client.v1.payment_intents.list({"limit": 2})
    assert ([one.id for one in first.data], first.has_more) == (ids[:2], True)
    rest = client.v1.payment_intents.list({"limit": 3, "starting_after": ids[1]})
    assert ([one.id for one in rest.data], rest.has_more) == (ids[2:], False)
    back = client.v1.payment_intents.list({"limit": 2, "ending_before": ids[4]})
    assert ([one.id for one in back.data], back.has_more) == (ids[2:4], True)
    pages = client.v1.payment_intents.list({"limit": 2}).auto_paging_iter()
    assert [one.id for one in pages] == ids
    now = int(time.time())
    assert client.v1.charges.list({"created": {"gt": now + 60}}).data == []
    assert len(client.v1.charges.list({"created": {"gte": now - 60, "lt": now + 60}}).data) == 5


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("starting_after=ch_none", "starting_after"),
        ("ending_before=ch_none", "ending_before"),
        ("donation=don_1", "donation"),
        ("created[after]=1", "created[after]"),
        ("expand[0]=data.amount", "expand"),
    ],
)
def test_a_list_that_stripe_refuses(client: stripe.StripeClient, query: str, param: str) -> None:
    pay(client)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.raw_request("get", f"/v1/charges?{query}")
    assert (refused.value.http_status, refused.value.param) == (400, param)


def test_expansion(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.retrieve(
        pay(client), {"expand": ["latest_charge.balance_transaction", "payment_method"]}
    )
    assert isinstance(intent.latest_charge, stripe.Charge)
    transaction = intent.latest_charge.balance_transaction
    assert isinstance(transaction, stripe.BalanceTransaction)
    assert transaction.fee == 175
    assert isinstance(intent.payment_method, stripe.PaymentMethod)
    charges = client.v1.charges.list({"expand": ["data.balance_transaction"]}).data
    assert [one.balance_transaction.net for one in charges] == [9_825]  # type: ignore[union-attr]


def test_every_object_is_as_the_library_declares_it(client: stripe.StripeClient) -> None:
    client.v1.refunds.create({"payment_intent": pay(client), "amount": 1_000})
    pay(client, "pm_card_createDispute")
    pay(client, "pm_card_createIssuerFraudRecord")
    with pytest.raises(stripe.CardError):
        pay(client, "pm_card_chargeDeclined")
    helper(client, "payouts")
    paths = [
        *("payment_intents", "charges", "refunds", "disputes", "balance_transactions"),
        *("payouts", "radar/early_fraud_warnings", "events"),
    ]
    for path in paths:
        objects = raw(client, "get", f"/v1/{path}?limit=100")["data"]
        assert objects
        assert [fault for one in objects for fault in faults(one)] == []
    assert faults(raw(client, "get", "/v1/balance")) == []
