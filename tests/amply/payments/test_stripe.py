"""Stripe's Python library, used against the embedded Stripe."""

import httpx
import pytest
import stripe

from amply.base.errors import PaymentDeclined, PaymentMisconfigured, PaymentUnavailable
from amply.payments.stripe_gateway import StripeGateway
from amply.payments.stripe_requests import stripe_client
from tests.amply.payments.charges import break_next, charge, charged


def test_a_charge(gateway: StripeGateway, client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.retrieve(charged(gateway, charge("don_a")))
    assert (intent.status, intent.amount_received, intent.currency) == ("succeeded", 5000, "eur")
    assert intent.metadata["donation_id"] == "don_a"
    card = gateway.open(charge("don_a")).card_fingerprint
    assert card is not None
    assert card == gateway.open(charge("don_of_the_same_card")).card_fingerprint
    assert card != gateway.open(charge("don_of_another", "pm_card_mastercard")).card_fingerprint


def test_charging_again_for_a_donation_charges_once(
    gateway: StripeGateway, client: stripe.StripeClient
) -> None:
    first = charged(gateway, charge("don_b"))
    assert charged(gateway, charge("don_b")) == first
    of_it = [
        intent
        for intent in client.v1.payment_intents.list({"limit": 2}).auto_paging_iter()
        if "donation_id" in intent.metadata and intent.metadata["donation_id"] == "don_b"
    ]
    assert [intent.id for intent in of_it] == [first]


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_authenticationRequired", "authentication_required"),
        ("pm_unknown", "resource_missing"),
    ],
)
def test_a_decline_and_its_reason(gateway: StripeGateway, method: str, code: str) -> None:
    for _ in range(2):  # the second attempt reads what became of the first
        with pytest.raises(PaymentDeclined) as raised:
            charged(gateway, charge(f"don_{method}", method))
        assert raised.value.code == code


def test_an_amount_that_stripe_does_not_take(gateway: StripeGateway) -> None:
    with pytest.raises(PaymentDeclined, match="amount_too_small"):
        charged(gateway, charge("don_c", amount=1))


def test_a_key_that_was_used_for_something_else(gateway: StripeGateway) -> None:
    charged(gateway, charge("don_d"))
    with pytest.raises(PaymentUnavailable, match="IdempotencyError"):
        charged(gateway, charge("don_d", amount=6000))


def test_what_was_not_valid_is_not_kept_under_its_key(client: stripe.StripeClient) -> None:
    intents = client.v1.payment_intents
    with pytest.raises(stripe.InvalidRequestError):
        intents.create({"amount": 1, "currency": "usd"}, {"idempotency_key": "corrected"})
    assert intents.create({"amount": 100, "currency": "usd"}, {"idempotency_key": "corrected"})


def test_no_answer_is_not_a_decline() -> None:
    with pytest.raises(PaymentUnavailable, match="APIConnectionError") as raised:
        StripeGateway(stripe_client("sk_test_1", "http://127.0.0.1:1")).open(charge("don_e"))
    assert not isinstance(raised.value, PaymentMisconfigured)


def test_a_wrong_key_is_not_a_decline_and_people_hear_of_it(
    stripe_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(PaymentMisconfigured, match="AuthenticationError"):
        StripeGateway(stripe_client("sk_live_1", stripe_address)).open(charge("don_f"))
    assert [(line.levelname, line.message) for line in caplog.records] == [
        ("ERROR", "Stripe rejects our requests")
    ]


def test_nor_is_a_payment_that_is_not_there(
    gateway: StripeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    """The key is one of the other mode or of another account."""
    for ask in (gateway.confirm, gateway.cancel):
        with pytest.raises(PaymentMisconfigured, match="InvalidRequestError"):
            ask("pi_of_another_account")
    assert {vars(line)["code"] for line in caplog.records} == {"resource_missing"}


def test_opening_charges_nobody(gateway: StripeGateway, client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.retrieve(gateway.open(charge("don_h")).id)
    assert (intent.status, intent.amount_received) == ("requires_confirmation", 0)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_error_that_stripe_keeps_under_its_key_ends_with_the_attempt(
    gateway: StripeGateway, client: stripe.StripeClient, stripe_address: str, when: str
) -> None:
    donation_id = f"don_broken_{when}"
    break_next(stripe_address, "/payment_intents", when)
    for _ in range(2):  # the donation's own key is used up
        with pytest.raises(PaymentUnavailable, match="HTTP 500"):
            gateway.open(charge(donation_id))
    payment_id = gateway.open(charge(donation_id, attempt=2)).id
    assert gateway.open(charge(donation_id, attempt=2)).id == payment_id
    break_next(stripe_address, "/confirm", when)
    with pytest.raises(PaymentUnavailable, match="HTTP 500"):
        gateway.confirm(payment_id)
    gateway.confirm(payment_id)
    intents = client.v1.payment_intents.search(
        {"query": f"metadata['donation_id']:'{donation_id}'"}
    )
    assert [i.id for i in intents.data if i.status == "succeeded"] == [payment_id]


def test_a_canceled_payment_is_never_charged(gateway: StripeGateway) -> None:
    payment_id = gateway.open(charge("don_i")).id
    assert gateway.cancel(payment_id)
    assert gateway.cancel(payment_id)
    with pytest.raises(PaymentDeclined, match="canceled"):
        gateway.confirm(payment_id)
    assert gateway.find("don_i") is None


def test_a_charged_payment_is_not_canceled(gateway: StripeGateway) -> None:
    payment_id = charged(gateway, charge("don_j"))
    assert not gateway.cancel(payment_id)


@pytest.mark.parametrize("status", ["processing", "requires_capture", "requires_action"])
def test_only_a_success_is_one(
    gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    """`processing` is decided later; any other status takes no money."""
    intent = stripe.PaymentIntent.construct_from(
        {"id": "pi_x", "status": status, "last_payment_error": None}, "sk_test_1"
    )
    monkeypatch.setattr(stripe.PaymentIntentService, "confirm", lambda *_: intent)
    monkeypatch.setattr(stripe.PaymentIntentService, "cancel", lambda *_: intent)
    expected = PaymentUnavailable if status == "processing" else PaymentDeclined
    with pytest.raises(expected, match=status):
        gateway.confirm("pi_x")
    with pytest.raises(PaymentUnavailable, match=status):
        gateway.cancel("pi_x")


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        (["requires_confirmation", "succeeded"], "pi_1"),
        (["succeeded", "processing"], "pi_0"),
        (["requires_payment_method", "processing"], "pi_1"),
        (["requires_payment_method", "requires_confirmation"], "pi_1"),
        (["canceled"], None),
    ],
)
def test_of_several_payments_a_search_finds_the_one_with_the_money(
    gateway: StripeGateway,
    monkeypatch: pytest.MonkeyPatch,
    statuses: list[str],
    found: str | None,
) -> None:
    intents = [{"id": f"pi_{number}", "status": s} for number, s in enumerate(statuses)]
    page: stripe.SearchResultObject[stripe.PaymentIntent] = (
        stripe.SearchResultObject.construct_from(
            {"data": intents, "object": "search_result"}, "sk_test_1"
        )
    )
    monkeypatch.setattr(stripe.PaymentIntentService, "search", lambda *_: page)
    assert gateway.find("don_1") == found


def test_a_refused_search_is_not_a_decline(gateway: StripeGateway) -> None:
    with pytest.raises(PaymentUnavailable, match=r"InvalidRequestError \(HTTP 400\)"):
        gateway.find("don_'")  # no quote is in an id, and none in what Stripe searches for


def test_create_then_confirm(client: stripe.StripeClient) -> None:
    intents = client.v1.payment_intents
    intent = intents.create({"amount": 100, "currency": "usd"})
    assert intent.status == "requires_payment_method"
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        intents.confirm(intent.id)
    with pytest.raises(stripe.CardError) as declined:
        intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined"})
    assert declined.value.code == "card_declined"
    confirmed = intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert confirmed.status == "succeeded"
    assert str(confirmed.latest_charge).startswith("ch_")
    with pytest.raises(stripe.InvalidRequestError) as again:
        intents.confirm(intent.id)
    assert again.value.code == "payment_intent_unexpected_state"


def test_an_intent_that_is_not_there(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.payment_intents.retrieve("pi_none")
    assert (raised.value.http_status, raised.value.code) == (404, "resource_missing")


def test_without_a_key_and_on_an_unknown_path(stripe_address: str) -> None:
    assert httpx.get(f"{stripe_address}/v1/payment_intents").status_code == 401
    unknown = httpx.get(f"{stripe_address}/v1/customers")
    assert unknown.status_code == 404
    assert unknown.json()["error"]["type"] == "invalid_request_error"
