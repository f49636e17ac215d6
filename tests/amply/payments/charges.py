"""Charges on the embedded Stripe, and its faults."""

import httpx

from amply.payments.gateway import Charge
from amply.payments.stripe_gateway import StripeGateway


def charge(
    donation_id: str, method: str = "pm_card_visa", amount: int = 5000, attempt: int = 1
) -> Charge:
    return Charge(donation_id, amount, "EUR", method, attempt)


def charged(gateway: StripeGateway, charge: Charge) -> str:
    """Open and confirm a payment, as an attempt does."""
    payment_id = gateway.open(charge).id
    gateway.confirm(payment_id)
    return payment_id


def break_next(stripe_address: str, path: str, when: str) -> None:
    """Answer the next request to this path, and its repetitions under the same key, with 500."""
    httpx.post(
        f"{stripe_address}/v1/test_helpers/faults",
        data={"path": path, "when": when},
        headers={"Authorization": "Bearer sk_test_1"},
    ).raise_for_status()
