"""The client and the parameters that all our requests to Stripe share."""

from typing import TYPE_CHECKING

import stripe

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams

# Two attempts and the pause between them stay well below LONGEST_TASK_SECONDS, which ends a task.
_TIMEOUT_SECONDS = 20  # pragma: no mutate - a choice
_RETRIES = 1  # pragma: no mutate - a choice

STATEMENT_SUFFIX = "DONATION"
"""Follows the account's name on the donor's statement, so that they know the charge again.

https://docs.stripe.com/get-started/account/statement-descriptors#dynamic
"""


def stripe_client(secret_key: str, api_base: str | None) -> stripe.StripeClient:
    """Return a client of Stripe, or of a stand-in at `api_base`."""
    return stripe.StripeClient(
        secret_key,
        base_addresses={"api": api_base} if api_base else {},
        max_network_retries=_RETRIES,
        http_client=stripe.RequestsClient(timeout=_TIMEOUT_SECONDS),
    )


def intent_params(donation_id: str, amount: int, currency: str) -> "PaymentIntentCreateParams":
    """Return the parameters of a new PaymentIntent by card."""
    return {
        "amount": amount,
        "currency": currency.lower(),
        "allowed_payment_method_types": ["card"],
        "metadata": {"donation_id": donation_id},
        "statement_descriptor_suffix": STATEMENT_SUFFIX,
    }
