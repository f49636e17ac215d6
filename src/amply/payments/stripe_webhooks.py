"""Events as Stripe sends them: https://docs.stripe.com/webhooks#verify-official-libraries."""

import json
from typing import Any

import stripe

from amply.base.errors import WebhookRefused
from amply.payments.events import Event

_NOT_AN_EVENT = "The body is not an event of Stripe's"


def read_event(body: bytes, signature: str, secret: str, *, live: bool) -> Event:
    """Verify the signature, which is valid for five minutes, and return the event.

    Raise WebhookRefused, also for an event of the other mode, or of an account connected to ours:
    a live endpoint for connected accounts gets events of both modes.
    https://docs.stripe.com/connect/webhooks
    """
    try:
        text = body.decode()
        stripe.WebhookSignature.verify_header(
            text, signature, secret, tolerance=stripe.Webhook.DEFAULT_TOLERANCE
        )
        body_of_event = json.loads(text)
        event = _read(body_of_event, body_of_event["data"]["object"])
    except stripe.SignatureVerificationError as error:
        raise WebhookRefused("Stripe-Signature: does not fit the body, or is too old") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WebhookRefused(_NOT_AN_EVENT) from error
    if event.account is not None:
        raise WebhookRefused("The event is about another account")
    if event.livemode != live:
        raise WebhookRefused(f"The event is of the {'live' if event.livemode else 'test'} mode")
    return event


def _read(event: dict[str, Any], about: dict[str, Any]) -> Event:
    kind = about.get("object")
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
        payment_id=about.get("id" if kind == "payment_intent" else "payment_intent"),
        failure_code=error.get("decline_code") or error.get("code") or about.get("failure_reason"),
        amount=amount,
        currency=str(about["currency"]).upper() if about.get("currency") else None,
        object_kind=kind,
        object_id=about.get("id"),
        livemode=event["livemode"] is True,
        account=event.get("account"),
    )
