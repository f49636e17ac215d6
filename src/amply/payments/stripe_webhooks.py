"""Events as Stripe sends them: https://docs.stripe.com/webhooks#verify-official-libraries."""

import json
from typing import Any

import stripe

from amply.base.errors import WebhookRefused
from amply.payments.events import Event

_NOT_AN_EVENT = "The body is not an event of Stripe's"


def read_event(body: bytes, signature: str, secret: str) -> Event:
    """Verify the signature, which is valid for five minutes, and return the event.

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


def _read(event: dict[str, Any], about: dict[str, Any]) -> Event:
    is_payment = about.get("object") == "payment_intent"
    error = about.get("last_payment_error") or {}
    amount = next(
        (about[name] for name in ("amount_received", "amount_refunded", "amount") if name in about),
        None,
    )
    return Event(
        id=str(event["id"]),
        type=str(event["type"]),
        # Stripe copies a payment's metadata to its charge; a refund has what we gave it.
        donation_id=(about.get("metadata") or {}).get("donation_id"),
        payment_id=about.get("id" if is_payment else "payment_intent"),
        failure_code=error.get("decline_code") or error.get("code") or about.get("failure_reason"),
        fully_refunded=about.get("refunded") is True,
        amount=amount,
        currency=str(about["currency"]).upper() if about.get("currency") else None,
        object_kind=about.get("object"),
        object_id=about.get("id"),
    )
