"""PaymentIntents: https://docs.stripe.com/payments/paymentintents/lifecycle."""

import secrets
from collections.abc import Mapping
from typing import Any

from amply.embedded.stripe.errors import StripeError, impossible, invalid
from amply.embedded.stripe.forms import amount_of
from amply.embedded.stripe.objects import cards, charges
from amply.embedded.stripe.objects.account import Account, Object
from amply.embedded.stripe.objects.cards import Decline

_CONFIRMABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}
_SMALLEST_AMOUNT = 50
_LARGEST_AMOUNT = 999_999_999_999
_LONGEST_SUFFIX = 22
_WRONG_STATE = "payment_intent_unexpected_state"

# https://docs.stripe.com/error-codes#payment-intent-authentication-failure
_NOT_AUTHENTICATED = {
    "type": "card_error",
    "code": "payment_intent_authentication_failure",
    "message": "We are unable to authenticate your payment method. "
    "Please choose a different payment method and try again.",
}


def create(account: Account, form: Mapping[str, Any]) -> Object:
    """Create an intent, and confirm it if `confirm=true`."""
    intent = add(account, checked_amount(form), currency_of(form), form)
    return _confirm(account, intent, form) if form.get("confirm") == "true" else intent


def add(account: Account, amount: int, currency: str, form: Mapping[str, Any]) -> Object:
    """Store a new, unconfirmed intent."""
    method = _payment_method(form)
    intent = account.intents.add(
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        application=None,
        application_fee_amount=None,
        automatic_payment_methods=None,
        canceled_at=None,
        cancellation_reason=None,
        capture_method="automatic_async",
        confirmation_method="automatic",
        currency=currency,
        customer=None,
        description=form.get("description"),
        last_payment_error=None,
        latest_charge=None,
        livemode=False,
        metadata=dict(form.get("metadata", {})),
        next_action=None,
        on_behalf_of=None,
        payment_method=method,
        payment_method_options={},
        payment_method_types=list(form.get("allowed_payment_method_types", {"0": "card"}).values()),
        processing=None,
        receipt_email=None,
        review=None,
        setup_future_usage=None,
        shipping=None,
        statement_descriptor=None,
        statement_descriptor_suffix=_suffix(form),
        status="requires_confirmation" if method else "requires_payment_method",
        transfer_data=None,
        transfer_group=None,
    )
    intent["client_secret"] = f"{intent['id']}_secret_{secrets.token_hex(12)}"
    account.events.tell("payment_intent.created", intent)
    return intent


def confirm(account: Account, intent_id: str, form: Mapping[str, Any]) -> Object:
    """Charge the intent's card, or the card in the form."""
    intent = account.intents.retrieve(intent_id, "intent")
    method = _payment_method(form) or intent["payment_method"]
    return _confirm(account, intent, {**form, "payment_method": method})


def cancel(account: Account, intent_id: str) -> Object:
    """Cancel an intent that was not charged."""
    intent = account.intents.retrieve(intent_id, "intent")
    if intent["status"] not in _CONFIRMABLE:
        raise impossible(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            code=_WRONG_STATE,
        )
    intent.update(status="canceled", next_action=None)
    account.events.tell("payment_intent.canceled", intent)
    return intent


def answer_bank(account: Account, intent: Object, *, agrees: bool) -> None:
    """Continue a payment after the donor has agreed or refused on their bank's page."""
    if intent["status"] != "requires_action":
        raise impossible("The bank does not ask about this payment.", code=_WRONG_STATE)
    if agrees:
        charges.charge(account, intent, intent["payment_method"])
        return
    method = cards.payment_method(intent["payment_method"])
    charges.fail(intent, {**_NOT_AUTHENTICATED, "payment_method": method})
    account.events.tell("payment_intent.payment_failed", intent)


def _confirm(account: Account, intent: Object, form: Mapping[str, Any]) -> Object:
    if intent["status"] not in _CONFIRMABLE:
        raise impossible(
            "You cannot confirm this PaymentIntent because it has already "
            f"{intent['status']} after being previously confirmed.",
            code=_WRONG_STATE,
        )
    method = _payment_method(form)
    if method is None:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise impossible(message, code=_WRONG_STATE)
    intent["payment_method"] = method
    if method in cards.ASKS:
        if "true" in {form.get("error_on_requires_action"), form.get("off_session")}:
            raise _declined(account, intent, method, cards.NOT_ASKED)
        intent.update(status="requires_action", next_action={"type": "use_stripe_sdk"})
        account.events.tell("payment_intent.requires_action", intent)
    elif decline := cards.DECLINED.get(method):
        raise _declined(account, intent, method, decline)
    else:
        charges.charge(account, intent, method)
    return intent


def _declined(account: Account, intent: Object, method: str, reason: Decline) -> StripeError:
    error = charges.decline(account, intent, method, reason)
    fields = {name: value for name, value in error.items() if name not in {"type", "message"}}
    answer = StripeError(402, "card_error", reason.message, **fields, payment_intent=dict(intent))
    answer.begun = True
    return answer


def checked_amount(form: Mapping[str, Any]) -> int:
    """Return the amount of a charge. Raise StripeError if Stripe takes no such amount."""
    amount = amount_of(form)
    if amount < _SMALLEST_AMOUNT:
        message = "Amount must be at least 50 of the currency's smallest unit"
        raise invalid(message, param="amount", code="amount_too_small")
    if amount > _LARGEST_AMOUNT:
        message = f"Amount must be no more than {_LARGEST_AMOUNT}"
        raise invalid(message, param="amount", code="amount_too_large")
    return amount


def currency_of(form: Mapping[str, Any]) -> str:
    """Return the currency. Raise StripeError if it is not a code."""
    currency = form.get("currency")
    if not isinstance(currency, str) or len(currency) != 3 or not currency.isalpha():
        raise invalid(f"Invalid currency: {currency}", param="currency")
    return currency.lower()


def _suffix(form: Mapping[str, Any]) -> str | None:
    """Return the text on the donor's statement.

    https://docs.stripe.com/get-started/account/statement-descriptors
    """
    suffix: str | None = form.get("statement_descriptor_suffix")
    if suffix is None:
        return None
    is_text = any(map(str.isalpha, suffix)) and not set(suffix) & set("<>\\'\"*")
    if len(suffix) > _LONGEST_SUFFIX or not is_text:
        message = "The statement descriptor suffix is not valid."
        raise invalid(message, param="statement_descriptor_suffix")
    return suffix


def _payment_method(form: Mapping[str, Any]) -> str | None:
    method: str | None = form.get("payment_method")
    if method is None or method in cards.ALL:
        return method
    message = f"No such PaymentMethod: '{method}'"
    raise invalid(message, param="payment_method", code="resource_missing")
