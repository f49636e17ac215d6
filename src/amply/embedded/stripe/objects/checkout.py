"""Checkout sessions: https://docs.stripe.com/api/checkout/sessions.

One line item, paid once by card, on a page of Stripe's.
"""

import time
from collections.abc import Mapping
from typing import Any

from amply.embedded.stripe.errors import impossible, invalid
from amply.embedded.stripe.forms import amount_of
from amply.embedded.stripe.objects import intents
from amply.embedded.stripe.objects.account import Account, Object

# https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at
_SHORTEST_SECONDS = 30 * 60
_LONGEST_SECONDS = 24 * 3600

_UNUSED = dict.fromkeys(
    [
        *("after_expiration", "billing_address_collection", "client_secret", "consent"),
        *("consent_collection", "currency_conversion", "customer", "customer_details", "invoice"),
        *("locale", "payment_link", "recovered_from", "setup_intent", "shipping_cost"),
        *("subscription", "total_details"),
    ]
)


def create(account: Account, pages: str, form: Mapping[str, Any]) -> Object:
    """Open a session, whose page is below the address `pages`."""
    if form.get("mode") != "payment":
        raise invalid("Only mode=payment is implemented here.", param="mode")
    if "success_url" not in form:
        message = "Missing required param: success_url."
        raise invalid(message, param="success_url", code="parameter_missing")
    amount, currency = _total(form)
    intent_data = form.get("payment_intent_data", {})
    session = account.sessions.add(
        **_UNUSED,
        amount_subtotal=amount,
        amount_total=amount,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        cancel_url=form.get("cancel_url"),
        client_reference_id=form.get("client_reference_id"),
        currency=currency,
        custom_fields=[],
        custom_text={},
        customer_email=form.get("customer_email"),
        expires_at=_expiry(form),
        livemode=False,
        metadata=dict(form.get("metadata", {})),
        mode="payment",
        payment_intent=None,  # made when the donor pays, as Stripe does
        payment_method_types=["card"],
        payment_status="unpaid",
        shipping_options=[],
        status="open",
        submit_type=form.get("submit_type"),
        success_url=form["success_url"],
        ui_mode="hosted_page",
    )
    session["url"] = f"{pages}/pay/{session['id']}"
    account.intent_data[session["id"]] = intent_data
    return session


def pay(account: Account, session: Object, method: str) -> Object:
    """Pay with a card; return the intent. Raise StripeError if the card is declined."""
    if session["status"] != "open":
        raise impossible(f"This Checkout Session has a status of {session['status']}.")
    if session["payment_intent"] is None:
        data = account.intent_data[session["id"]]
        amount, currency = session["amount_total"], session["currency"]
        session["payment_intent"] = intents.add(account, amount, currency, data)["id"]
    intent = intents.confirm(account, session["payment_intent"], {"payment_method": method})
    complete(account, intent)
    return intent


def complete(account: Account, intent: Object) -> Object | None:
    """Complete the session of a paid intent; return the session, or None."""
    sessions = account.sessions.newest_first()
    session = next((one for one in sessions if one["payment_intent"] == intent["id"]), None)
    if session and session["status"] == "open" and intent["status"] == "succeeded":
        session.update(status="complete", payment_status="paid", url=None)
        account.events.tell("checkout.session.completed", session)
    return session


def expire(account: Account, session_id: str) -> Object:
    """Expire a session that nobody has paid."""
    session = account.sessions.retrieve(session_id, "session")
    if session["status"] != "open":
        raise impossible(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session['status']}`."
        )
    if session["payment_intent"]:
        intents.cancel(account, session["payment_intent"])
    session.update(status="expired", url=None)
    account.events.tell("checkout.session.expired", session)
    return session


def _total(form: Mapping[str, Any]) -> tuple[int, str]:
    items = list(form.get("line_items", {}).values())
    if len(items) != 1 or items[0].get("quantity") != "1" or "price_data" not in items[0]:
        message = "Only one line item with price_data and a quantity of 1 is implemented here."
        raise invalid(message, param="line_items")
    price = items[0]["price_data"]
    if not price.get("product_data", {}).get("name"):
        param = "line_items[0][price_data][product_data][name]"
        raise invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")
    amount = amount_of(price, "unit_amount")
    return intents.checked_amount({**price, "amount": str(amount)}), intents.currency_of(price)


def _expiry(form: Mapping[str, Any]) -> int:
    now = int(time.time())
    expiry = int(form.get("expires_at", now + _LONGEST_SECONDS))
    if not now + _SHORTEST_SECONDS <= expiry <= now + _LONGEST_SECONDS:
        message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from now."
        raise invalid(message, param="expires_at")
    return expiry
