"""Charges, one for each attempt at a card:
https://docs.stripe.com/api/charges.
"""

from amply.embedded.stripe.objects import cards, disputes
from amply.embedded.stripe.objects.account import Account, Object
from amply.embedded.stripe.objects.balance import add_transaction, processing_fee
from amply.embedded.stripe.objects.cards import Decline

_UNUSED = dict.fromkeys(
    [
        *("application", "application_fee", "application_fee_amount", "authorization_code"),
        *("customer", "failure_balance_transaction", "on_behalf_of", "outcome", "receipt_email"),
        *("receipt_number", "receipt_url", "review", "shipping", "source", "source_transfer"),
        *("statement_descriptor", "transfer_data", "transfer_group"),
    ]
)


def charge(account: Account, intent: Object, method: str) -> Object:
    """Charge the card of an intent, and send the events."""
    new = _add(account, intent, method, None)
    transaction = add_transaction(
        account, new, new["amount"], "charge", fee=processing_fee(new["amount"])
    )
    new["balance_transaction"] = transaction["id"]
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=new["id"],
        last_payment_error=None,
        next_action=None,
    )
    account.events.tell("charge.succeeded", new)
    account.events.tell("payment_intent.succeeded", intent)
    if reason := cards.DISPUTED.get(method):
        disputes.create(account, new, reason)
    if method == cards.REPORTED_AS_FRAUD:
        disputes.warn(account, new)
    return new


def decline(account: Account, intent: Object, method: str, reason: Decline) -> Object:
    """Store a declined charge, and send its event; return the error of the intent."""
    new = _add(account, intent, method, reason)
    error: Object = {
        "type": "card_error",
        "charge": new["id"],
        "code": reason.code,
        "decline_code": reason.decline_code,
        "message": reason.message,
        "payment_method": cards.payment_method(method),
    }
    fail(intent, error)
    intent["latest_charge"] = new["id"]
    account.events.tell("charge.failed", new)
    account.events.tell("payment_intent.payment_failed", intent)
    return error


def fail(intent: Object, error: Object) -> None:
    """Return an intent to the state in which it needs another payment method."""
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        last_payment_error=error,
        next_action=None,
    )


def _add(account: Account, intent: Object, method: str, declined: Decline | None) -> Object:
    is_paid = declined is None
    return account.charges.add(
        **_UNUSED,
        amount=intent["amount"],
        amount_captured=intent["amount"] if is_paid else 0,
        amount_refunded=0,
        balance_transaction=None,
        billing_details={"address": {}, "email": None, "name": None, "phone": None, "tax_id": None},
        calculated_statement_descriptor=f"AMPLY* {intent['statement_descriptor_suffix'] or ''}",
        captured=is_paid,
        currency=intent["currency"],
        description=intent["description"],
        disputed=False,
        failure_code=declined and declined.code,
        failure_message=declined and declined.message,
        fraud_details={},
        livemode=False,
        metadata=dict(intent["metadata"]),
        paid=is_paid,
        payment_intent=intent["id"],
        payment_method=method,
        payment_method_details={"type": "card", "card": cards.details(method)},
        refunded=False,
        statement_descriptor_suffix=intent["statement_descriptor_suffix"],
        status="succeeded" if is_paid else "failed",
    )
