"""PaymentIntents and what becomes of them: https://docs.stripe.com/payments/paymentintents/lifecycle."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from amply.embedded.stripe.cards import APPROVED, AUTHENTICATION_REQUIRED, DECLINED, Decline
from amply.embedded.stripe.errors import StripeError, impossible, invalid

Intent = dict[str, Any]

_CONFIRMABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}
_SMALLEST_AMOUNT = 50
_LARGEST_AMOUNT = 99_999_999


class PaymentIntents:
    """All payments of one stand-in, newest last."""

    def __init__(self) -> None:
        self._by_id: dict[str, Intent] = {}

    def create(self, form: Mapping[str, Any]) -> Intent:
        """Make an intent, and confirm it when `confirm=true`."""
        intent: Intent = {
            "id": f"pi_{secrets.token_hex(12)}",
            "object": "payment_intent",
            "amount": _amount(form),
            "amount_received": 0,
            "currency": _currency(form),
            "created": int(time.time()),
            "description": form.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": dict(form.get("metadata", {})),
            "payment_method": _payment_method(form),
            "payment_method_types": list(
                form.get("allowed_payment_method_types", {"0": "card"}).values()
            ),
            "status": "requires_payment_method",
        }
        if intent["payment_method"]:
            intent["status"] = "requires_confirmation"
        self._by_id[intent["id"]] = intent
        return self._confirm(intent, form) if form.get("confirm") == "true" else intent

    def confirm(self, intent_id: str, form: Mapping[str, Any]) -> Intent:
        """Charge the card of an intent, or the one that is given now."""
        intent = self.retrieve(intent_id)
        intent["payment_method"] = _payment_method(form) or intent["payment_method"]
        return self._confirm(intent, form)

    def cancel(self, intent_id: str) -> Intent:
        """Make an intent that was not charged unusable."""
        intent = self.retrieve(intent_id)
        if intent["status"] not in _CONFIRMABLE:
            raise impossible(
                "You cannot cancel this PaymentIntent because it has a status of "
                f"{intent['status']}.",
                code="payment_intent_unexpected_state",
            )
        intent["status"] = "canceled"
        return intent

    def retrieve(self, intent_id: str) -> Intent:
        """One intent."""
        try:
            return self._by_id[intent_id]
        except KeyError:
            message = f"No such payment_intent: '{intent_id}'"
            kind = "invalid_request_error"
            raise StripeError(404, kind, message, code="resource_missing", param="intent") from None

    def newest_first(self) -> list[Intent]:
        """All intents."""
        return list(reversed(self._by_id.values()))

    def _confirm(self, intent: Intent, form: Mapping[str, Any]) -> Intent:
        if intent["status"] not in _CONFIRMABLE:
            raise impossible(
                "You cannot confirm this PaymentIntent because it has already "
                f"{intent['status']} after being previously confirmed.",
                code="payment_intent_unexpected_state",
            )
        card = intent["payment_method"]
        if card is None:
            raise impossible(
                "You cannot confirm this PaymentIntent because it's missing a payment method.",
                code="payment_intent_unexpected_state",
            )
        if card == AUTHENTICATION_REQUIRED:
            if form.get("error_on_requires_action") == "true":
                message = "Your card was declined. This transaction requires authentication."
                reason = "authentication_required"
                raise _decline(intent, Decline(reason, reason, message))
            intent["status"] = "requires_action"
            return intent
        if decline := DECLINED.get(card):
            raise _decline(intent, decline)
        intent["status"] = "succeeded"
        intent["amount_received"] = intent["amount"]
        intent["latest_charge"] = f"ch_{secrets.token_hex(12)}"
        return intent


def _decline(intent: Intent, decline: Decline) -> StripeError:
    fields = {"code": decline.code, "decline_code": decline.decline_code}
    intent["status"] = "requires_payment_method"
    intent["payment_method"] = None
    intent["last_payment_error"] = {"type": "card_error", "message": decline.message, **fields}
    copy = dict(intent)
    error = StripeError(402, "card_error", decline.message, **fields, payment_intent=copy)
    error.begun = True
    return error


def _amount(form: Mapping[str, Any]) -> int:
    text = form.get("amount")
    if text is None:
        raise invalid("Missing required param: amount.", param="amount", code="parameter_missing")
    if not isinstance(text, str) or not text.isdigit():
        raise invalid(f"Invalid integer: {text}", param="amount", code="parameter_invalid_integer")
    amount = int(text)
    if amount < _SMALLEST_AMOUNT:
        message = "Amount must be at least 50 of the currency's smallest unit"
        raise invalid(message, param="amount", code="amount_too_small")
    if amount > _LARGEST_AMOUNT:
        raise invalid(
            "Amount must be no more than 99999999", param="amount", code="amount_too_large"
        )
    return amount


def _currency(form: Mapping[str, Any]) -> str:
    currency = form.get("currency")
    if not isinstance(currency, str) or len(currency) != 3 or not currency.isalpha():
        raise invalid(f"Invalid currency: {currency}", param="currency")
    return currency.lower()


def _payment_method(form: Mapping[str, Any]) -> str | None:
    method = form.get("payment_method")
    if method is None or method in APPROVED or method in DECLINED:
        return method
    if method == AUTHENTICATION_REQUIRED:
        return AUTHENTICATION_REQUIRED
    message = f"No such PaymentMethod: '{method}'"
    raise invalid(message, param="payment_method", code="resource_missing")
