"""Events as Stripe sends them: https://docs.stripe.com/webhooks#verify-official-libraries."""

import json
from typing import Any

import stripe

from amply.errors import WebhookRefused
from amply.payments.events import Event

_NOT_AN_EVENT = "The body is not an event of Stripe's"


def read_event(body: bytes, signature: str, secret: str) -> Event:
    """The event, once its signature (which holds for five minutes) is found to be Stripe's.

    Raises WebhookRefused.
    """
    try:
        text = body.decode()
        stripe.WebhookSignature.verify_header(
            text, signature, secret, tolerance=stripe.Webhook.DEFAULT_TOLERANCE
        )
        event = json.loads(text)
        return _read(event, event["data"]["object"])
    except stripe.SignatureVerificationError as error:
        raise WebhookRefused("Stripe-Signature: does not fit the body, or is too old") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WebhookRefused(_NOT_AN_EVENT) from error


def _read(event: dict[str, Any], told: dict[str, Any]) -> Event:
    is_payment = told.get("object") == "payment_intent"
    error = told.get("last_payment_error") or {}
    return Event(
        id=str(event["id"]),
        type=str(event["type"]),
        # Stripe copies a payment's metadata to its charge; a refund has what we gave it.
        donation_id=(told.get("metadata") or {}).get("donation_id"),
        payment_id=told.get("id" if is_payment else "payment_intent"),
        failure_code=error.get("decline_code") or error.get("code") or told.get("failure_reason"),
        fully_refunded=told.get("refunded") is True,
    )
