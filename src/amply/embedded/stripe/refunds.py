"""Refunds: https://docs.stripe.com/api/refunds. Whole ones alone: Amply asks for no other."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from amply.embedded.stripe.errors import impossible, invalid
from amply.embedded.stripe.intents import Intent, PaymentIntents

Refund = dict[str, Any]


class Refunds:
    """All refunds of one stand-in."""

    def __init__(self, intents: PaymentIntents) -> None:
        self._intents = intents
        self._by_intent: dict[str, Refund] = {}

    def create(self, form: Mapping[str, Any]) -> Refund:
        """Give a payment back."""
        intent_id = form.get("payment_intent")
        if not isinstance(intent_id, str):
            raise invalid("Missing required param: payment_intent.", param="payment_intent")
        intent = self._intents.retrieve(intent_id)
        if intent["latest_charge"] is None:
            raise impossible(f"This PaymentIntent ({intent_id}) does not have a successful charge")
        if intent_id in self._by_intent:
            message = f"Charge {intent['latest_charge']} has already been refunded."
            raise impossible(message, code="charge_already_refunded")
        refund: Refund = {
            "id": f"re_{secrets.token_hex(12)}",
            "object": "refund",
            "amount": intent["amount_received"],
            "charge": intent["latest_charge"],
            "created": int(time.time()),
            "currency": intent["currency"],
            "metadata": dict(form.get("metadata", {})),
            "payment_intent": intent_id,
            "status": "succeeded",
        }
        self._by_intent[intent_id] = refund
        return refund

    def newest_first(self) -> list[Refund]:
        """Return all refunds."""
        return list(reversed(self._by_intent.values()))

    def refunded_charge(self, refund: Refund) -> dict[str, Any]:
        """Return the charge of a refund, as in the event `charge.refunded`."""
        intent: Intent = self._intents.retrieve(refund["payment_intent"])
        return {
            "id": intent["latest_charge"],
            "object": "charge",
            "amount": intent["amount"],
            "amount_refunded": refund["amount"],
            "currency": intent["currency"],
            "metadata": intent["metadata"],
            "payment_intent": intent["id"],
            "refunded": True,
            "status": "succeeded",
        }
