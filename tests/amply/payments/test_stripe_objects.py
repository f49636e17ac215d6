"""Objects as Stripe documents them, of kinds that the embedded Stripe never makes."""

import json
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import stripe

from amply.base.errors import PaymentDeclined
from amply.embedded.stripe.events import signature
from amply.payments.gateway import Refund, RefundMade
from amply.payments.pages import PageState
from amply.payments.records import ChargeRecord, DisputeRecord, PayoutRecord, RefundRecord, Resource
from amply.payments.stripe_errors import charging_errors, is_server_error
from amply.payments.stripe_gateway import StripeGateway
from amply.payments.stripe_pages import StripePages
from amply.payments.stripe_records import StripeRecords
from amply.payments.stripe_webhooks import read_event
from tests.amply.support.stripe.events import SECRET

MOMENT = datetime(2026, 7, 1, tzinfo=UTC)
SHARED: dict[str, Any] = {"amount": 5000, "currency": "jpy", "created": int(MOMENT.timestamp())}


class Answering:
    """A client of Stripe whose every request has this answer."""

    def __init__(self, kind: type[Any], answer: dict[str, Any]) -> None:
        self.queries: list[Any] = []
        self._answer = kind.construct_from(answer, None)

    def __getattr__(self, _: str) -> "Answering":
        return self

    def __call__(self, *query: object) -> object:
        self.queries.append(query)
        return self._answer


def retrieved(resource: Resource, kind: type[Any], answer: dict[str, Any]) -> object:
    client: Any = Answering(kind, SHARED | answer)
    return StripeRecords(client).retrieve(resource, "one")


CHARGE = {
    "id": "ch_1",
    "payment_intent": "pi_1",
    "paid": True,
    "captured": True,
    "amount_captured": 4000,
    "amount_refunded": 100,
    "metadata": {"donation_id": "don_1"},
    "balance_transaction": {"fee": 85},
}
CHARGED = ChargeRecord("ch_1", "pi_1", "don_1", 4000, "JPY", 100, 85, MOMENT)


@pytest.mark.parametrize(
    ("changes", "record"),
    [
        ({}, CHARGED),
        ({"paid": False}, None),
        ({"captured": False}, None),
        (
            {"payment_intent": None, "metadata": {}, "balance_transaction": None},
            ChargeRecord("ch_1", "ch_1", None, 4000, "JPY", 100, 0, MOMENT),
        ),
    ],
)
def test_a_charge(changes: dict[str, Any], record: ChargeRecord | None) -> None:
    assert retrieved(Resource.CHARGES, stripe.Charge, CHARGE | changes) == record


@pytest.mark.parametrize(
    ("changes", "payment_id", "failure_code"),
    [
        ({}, "pi_1", None),
        ({"status": "pending"}, "pi_1", None),
        ({"payment_intent": None}, "ch_1", None),
        (
            {"status": "failed", "failure_reason": "lost_or_stolen_card"},
            "pi_1",
            "lost_or_stolen_card",
        ),
        ({"status": "canceled"}, "pi_1", "canceled"),
    ],
)
def test_a_refund(changes: dict[str, Any], payment_id: str, failure_code: str | None) -> None:
    refund = {"id": "re_1", "status": "succeeded", "payment_intent": "pi_1", "charge": "ch_1"}
    record = retrieved(Resource.REFUNDS, stripe.Refund, refund | changes)
    assert record == RefundRecord("re_1", payment_id, 5000, "JPY", failure_code, MOMENT)


@pytest.mark.parametrize(
    ("status", "is_closed"),
    [
        ("needs_response", False),
        ("warning_under_review", False),
        ("won", True),
        ("lost", True),
        ("warning_closed", True),
    ],
)
def test_a_dispute_of_a_charge_without_an_intent(status: str, is_closed: bool) -> None:
    dispute: dict[str, Any] = {
        "id": "du_1",
        "payment_intent": None,
        "charge": "ch_1",
        "reason": "fraudulent",
        "status": status,
        "evidence_details": {"due_by": None},
        "balance_transactions": [],
    }
    record = retrieved(Resource.DISPUTES, stripe.Dispute, dispute)
    shared = ("du_1", "ch_1", 5000, "JPY", "fraudulent", status, None, (), MOMENT)
    assert record == DisputeRecord(*shared)
    assert isinstance(record, DisputeRecord)
    assert record.is_closed is is_closed


@pytest.mark.parametrize(
    ("status", "has_failed"), [("paid", False), ("failed", True), ("canceled", True)]
)
def test_a_payout(status: str, has_failed: bool) -> None:
    record = retrieved(Resource.PAYOUTS, stripe.Payout, {"id": "po_1", "status": status})
    assert record == PayoutRecord("po_1", 5000, "JPY", has_failed, MOMENT)


@pytest.mark.parametrize("has_more", [True, False])
def test_a_page_of_a_list(has_more: bool) -> None:
    data = [SHARED | CHARGE, SHARED | CHARGE | {"id": "ch_0", "paid": False}]
    client: Any = Answering(stripe.ListObject, {"data": data, "has_more": has_more})
    page = StripeRecords(client).page(Resource.CHARGES, MOMENT, "ch_2")
    assert page.records == [CHARGED]
    assert page.next == ("ch_0" if has_more else None)
    [(query,)] = client.queries
    assert query["starting_after"] == "ch_2"
    assert query["created"] == {"gte": int(MOMENT.timestamp())}
    assert query["expand"] == ["data.balance_transaction"]


@pytest.mark.parametrize(
    ("changes", "state", "payment_id"),
    [
        ({}, PageState.OPEN, None),
        ({"status": "expired"}, PageState.ENDED, None),
        ({"status": "complete", "payment_status": "paid"}, PageState.PAID, "pi_1"),
        ({"status": "complete", "payment_status": "unpaid"}, PageState.OPEN, "pi_1"),
    ],
)
@pytest.mark.parametrize("expanded", [True, False])
def test_a_checkout_session(
    changes: dict[str, Any], state: PageState, payment_id: str | None, expanded: bool
) -> None:
    intent = (
        {"id": payment_id, "object": "payment_intent"} if expanded and payment_id else payment_id
    )
    session = {"id": "cs_1", "status": "open", "payment_status": "unpaid", "url": "https://pay"}
    answer = session | {"payment_intent": intent if expanded else payment_id} | changes
    client: Any = Answering(stripe.checkout.Session, answer)
    page = StripePages(client, None).read("cs_1")
    assert (page.id, page.state, page.payment_id, page.url) == (
        "cs_1",
        state,
        payment_id,
        "https://pay",
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"failure_reason": "expired_or_canceled_card"}, "expired_or_canceled_card"), ({}, "failed")],
)
def test_a_refund_that_fails_at_once(changes: dict[str, Any], code: str) -> None:
    answer = {"id": "re_1", "status": "failed", "failure_reason": None} | changes
    client: Any = Answering(stripe.Refund, answer)
    with pytest.raises(PaymentDeclined) as raised:
        StripeGateway(client).refund(Refund("don_1", "pi_1", MOMENT))
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("age", "is_looked_for"),
    [(timedelta(hours=22, minutes=59), False), (timedelta(hours=23), True)],
)
def test_a_part_is_looked_for_once_its_key_may_be_forgotten(
    age: timedelta, is_looked_for: bool
) -> None:
    queries: list[dict[str, str]] = []

    def listed(query: dict[str, str]) -> object:
        queries.append(query)
        return SimpleNamespace(auto_paging_iter=lambda: iter(()))

    answer = {"id": "re_1", "status": "succeeded", "amount": 100}
    refunds = SimpleNamespace(
        list=listed, create=lambda *_: stripe.Refund.construct_from(answer, None)
    )
    client: Any = SimpleNamespace(v1=SimpleNamespace(refunds=refunds))
    part = Refund("don_1", "pi_1", datetime.now(UTC) - age, amount=100)
    assert StripeGateway(client).refund(part) == RefundMade("re_1", 100)
    assert queries == [{"payment_intent": "pi_1"}] * is_looked_for


@pytest.mark.parametrize(
    ("code", "reason"), [("expired_card", "expired_card"), (None, "card_declined")]
)
def test_a_decline_without_the_bank_s_reason(code: str | None, reason: str) -> None:
    with pytest.raises(PaymentDeclined) as raised, charging_errors():
        raise stripe.CardError("no", None, code)  # type: ignore[no-untyped-call]
    assert raised.value.code == reason


def test_an_event_of_a_failed_refund_has_its_reason() -> None:
    about = {
        "object": "refund",
        "id": "re_1",
        "payment_intent": "pi_1",
        "failure_reason": "lost_or_stolen_card",
    }
    event = {"id": "evt_1", "type": "refund.failed", "livemode": False, "data": {"object": about}}
    body = json.dumps(event).encode()
    given = read_event(body, signature(body, SECRET, int(time.time())), SECRET, live=False)
    assert given.failure_code == "lost_or_stolen_card"


@pytest.mark.parametrize(
    ("status", "kept"), [(None, False), (499, False), (500, True), (503, True)]
)
def test_what_stripe_keeps_under_a_key(status: int | None, kept: bool) -> None:
    assert is_server_error(stripe.APIError("?", http_status=status)) is kept
