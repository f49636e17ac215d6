"""Refunds, of a whole charge or a part: https://docs.stripe.com/api/refunds."""

from collections.abc import Mapping
from typing import Any

from amply.embedded.stripe.errors import impossible, invalid
from amply.embedded.stripe.forms import amount_of
from amply.embedded.stripe.objects import cards
from amply.embedded.stripe.objects.account import Account, Object
from amply.embedded.stripe.objects.balance import add_transaction


def create(account: Account, form: Mapping[str, Any]) -> Object:
    """Refund a charge, or `amount` of it."""
    charge = _charge_of(account, form)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise impossible(message, code="charge_already_refunded")
    if charge["disputed"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise impossible(message, code="charge_disputed")
    amount = amount_of(form) if "amount" in form else left
    if amount > left:
        raise impossible(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        )
    return _refund(account, charge, amount, form)


def settle(account: Account, refund: Object) -> None:
    """Finish a refund as its test card requests, after the answer was sent."""
    charge = account.charges.retrieve(refund["charge"])
    if charge["payment_method"] == cards.REFUND_IS_PENDING:
        refund["status"] = "succeeded"
        account.events.tell("refund.updated", refund)
    if charge["payment_method"] != cards.REFUND_FAILS:
        return
    transaction = add_transaction(account, refund, refund["amount"], "refund_failure")
    refund.update(
        status="failed",
        failure_reason="expired_or_canceled_card",
        failure_balance_transaction=transaction["id"],
    )
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    account.events.tell("refund.updated", refund)
    account.events.tell("refund.failed", refund)


def _charge_of(account: Account, form: Mapping[str, Any]) -> Object:
    if "charge" in form:
        return account.charges.retrieve(form["charge"], "charge")
    if "payment_intent" not in form:
        message = "One of the following params should be provided: payment_intent or charge."
        raise invalid(message)
    intent = account.intents.retrieve(form["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        message = f"This PaymentIntent ({intent['id']}) does not have a successful charge."
        raise impossible(message)
    return account.charges.retrieve(intent["latest_charge"])


def _refund(account: Account, charge: Object, amount: int, form: Mapping[str, Any]) -> Object:
    is_pending = charge["payment_method"] == cards.REFUND_IS_PENDING
    refund = account.refunds.add(
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details={"type": "card", "card": {"type": "refund"}},
        metadata=dict(form.get("metadata", {})),
        payment_intent=charge["payment_intent"],
        reason=form.get("reason"),
        receipt_number=None,
        source_transfer_reversal=None,
        status="pending" if is_pending else "succeeded",
        transfer_reversal=None,
    )
    refund["balance_transaction"] = add_transaction(account, refund, -amount, "refund")["id"]
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    account.events.tell("refund.created", refund)
    account.events.tell("charge.refunded", charge)
    return refund
