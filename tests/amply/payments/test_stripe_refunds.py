"""Refunds of the gateway, on the embedded Stripe."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from amply.base.errors import PaymentDeclined, PaymentUnavailable
from amply.payments.gateway import Refund
from amply.payments.stripe_gateway import StripeGateway
from amply.payments.stripe_records import StripeRecords
from amply.payments.stripe_requests import stripe_client
from tests.amply.payments.charges import break_next, charge, charged


def test_refunds_are_read_oldest_first(
    gateway: StripeGateway, client: stripe.StripeClient, stripe_address: str
) -> None:
    payment_id = charged(gateway, charge("don_of_two_refunds"))
    for amount in (1_000, 300):
        client.v1.refunds.create({"payment_intent": payment_id, "amount": amount})
    records = StripeRecords(stripe_client("sk_test_1", stripe_address))
    assert [refund.amount for refund in records.refunds_of(payment_id)] == [1_000, 300]


def test_a_refusal_is_repeated_to_its_key_and_not_to_the_next_request(
    gateway: StripeGateway, client: stripe.StripeClient
) -> None:
    intent = client.v1.payment_intents.create({"amount": 100, "currency": "usd"})
    request = Refund("don_r", intent.id, datetime(2026, 7, 1, tzinfo=UTC))
    with pytest.raises(PaymentDeclined, match="invalid_request"):
        gateway.refund(request)
    client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    with pytest.raises(PaymentDeclined, match="invalid_request"):
        gateway.refund(request)
    later = replace(request, requested_at=request.requested_at + timedelta(microseconds=1))
    first = gateway.refund(later)
    assert first is not None
    assert (first.id[:3], first.amount) == ("re_", 100)
    assert gateway.refund(later) == first


def test_what_other_hands_gave_back_is_given_back(
    gateway: StripeGateway, client: stripe.StripeClient
) -> None:
    payment_id = charged(gateway, charge("don_g"))
    client.v1.refunds.create({"payment_intent": payment_id})
    assert gateway.refund(Refund("don_g", payment_id, datetime.now(UTC))) is None


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_error_does_not_hold_up_a_refund(
    gateway: StripeGateway, client: stripe.StripeClient, stripe_address: str, when: str
) -> None:
    payment_id = charged(gateway, charge(f"don_refund_{when}"))
    request = Refund(f"don_refund_{when}", payment_id, datetime(2026, 7, 1, tzinfo=UTC))
    break_next(stripe_address, "/refunds", when)
    for _ in range(2):  # the request's own key is used up
        with pytest.raises(PaymentUnavailable, match="HTTP 500"):
            gateway.refund(request)
    assert (gateway.refund(replace(request, attempt=2)) is None) == (when == "after")
    refunds = client.v1.refunds.list({"payment_intent": payment_id}).data
    assert [refund.amount for refund in refunds] == [5000]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_part_keeps_its_key_through_a_server_error(
    gateway: StripeGateway, client: stripe.StripeClient, stripe_address: str, when: str
) -> None:
    payment_id = charged(gateway, charge(f"don_part_{when}"))
    part = Refund(f"don_part_{when}", payment_id, datetime.now(UTC), amount=100)
    break_next(stripe_address, "/refunds", when)
    for attempt in (1, 2, 3):
        with pytest.raises(PaymentUnavailable, match="HTTP 500"):
            gateway.refund(replace(part, attempt=attempt))
    refunds = client.v1.refunds.list({"payment_intent": payment_id}).data
    assert [refund.amount for refund in refunds] == ([100] if when == "after" else [])


def test_an_old_part_is_made_beside_a_refund_of_other_hands(
    gateway: StripeGateway, client: stripe.StripeClient
) -> None:
    payment_id = charged(gateway, charge("don_old_part"))
    client.v1.refunds.create({"payment_intent": payment_id, "amount": 100})
    part = Refund("don_old_part", payment_id, datetime(2026, 7, 1, tzinfo=UTC), amount=300)
    made = [gateway.refund(part) for _ in range(2)]
    assert made[0] == made[1] is not None
    refunds = client.v1.refunds.list({"payment_intent": payment_id}).data
    assert sorted(refund.amount for refund in refunds) == [100, 300]


def test_an_answer_that_cannot_be_read_is_asked_for_with_the_same_key(
    gateway: StripeGateway, client: stripe.StripeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []

    def unreadable(_: object, _params: object, options: dict[str, str]) -> None:
        keys.append(options["idempotency_key"])
        raise stripe.APIError("It is no JSON", http_status=200)

    monkeypatch.setattr(type(client.v1.refunds), "create", unreadable)
    request = Refund("don_1", "pi_1", datetime(2026, 7, 1, tzinfo=UTC), attempt=2)
    for _ in range(2):
        with pytest.raises(PaymentUnavailable):
            gateway.refund(request)
    assert len(keys) == 2
    assert len(set(keys)) == 1
