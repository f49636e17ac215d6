"""Stripe's events in tests: sending them, and reading their log lines."""

import json
import time
from typing import Any

import httpx
import pytest

from amply.embedded.stripe.events import signature

SECRET = "whsec_test"

PAYMENT = {
    "object": "payment_intent",
    "id": "pi_1",
    "amount_received": 5000,
    "currency": "eur",
    "metadata": {"donation_id": "don_1"},
}
CHARGE = {
    "object": "charge",
    "id": "ch_1",
    "payment_intent": "pi_1",
    "refunded": True,
    "metadata": {"donation_id": "don_1"},
}
SUCCEEDED = {
    "id": "evt_1",
    "type": "payment_intent.succeeded",
    "data": {"object": {**PAYMENT, "status": "succeeded"}},
}
FAILED = {
    "id": "evt_2",
    "type": "payment_intent.payment_failed",
    "data": {
        "object": {
            **PAYMENT,
            "last_payment_error": {"code": "card_declined", "decline_code": "lost_card"},
        }
    },
}
REFUNDED = {"id": "evt_3", "type": "charge.refunded", "data": {"object": CHARGE}}


async def tell(
    client: httpx.AsyncClient, event: dict[str, Any], secret: str = SECRET, age: int = 0
) -> int:
    body = json.dumps({"livemode": False, **event}).encode()
    header = {"Stripe-Signature": signature(body, secret, int(time.time()) - age)}
    return (await client.post("/webhooks/stripe", content=body, headers=header)).status_code


def cried_out(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """The ERROR lines, and the payment that each names."""
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    return [(record.message, vars(record)["payment_id"]) for record in errors]
