"""Balance transactions and payouts.

https://docs.stripe.com/reports/balance-transaction-types
https://docs.stripe.com/payouts

Every currency has a balance of its own: nothing is converted. Money is available at once.
"""

import time
from collections.abc import Mapping

from amply.embedded.stripe.errors import impossible, invalid
from amply.embedded.stripe.forms import amount_of
from amply.embedded.stripe.objects.account import Account, Object

# 1.5 % and 0.25 for a card of the European Economic Area: https://stripe.com/ie/pricing
_FEE_PERMILLE = 15
_FEE_FIXED = 25
DISPUTE_FEE = 2000
"""In minor units of the dispute's currency; Stripe keeps it whoever wins."""


def add_transaction(
    account: Account, about: Object, amount: int, kind: str, category: str = "", fee: int = 0
) -> Object:
    """Book a movement of the balance. `amount` is negative if money leaves."""
    currency = about["currency"]
    details = {"amount": fee, "currency": currency, "type": "stripe_fee", "application": None}
    return account.transactions.add(
        amount=amount,
        available_on=int(time.time()),
        balance_type="payments",
        currency=currency,
        description=None,
        exchange_rate=None,
        fee=fee,
        fee_details=[{**details, "description": "Stripe processing fees"}] if fee else [],
        net=amount - fee,
        reporting_category=category or kind,
        source=about["id"],
        status="available",
        type=kind,
    )


def processing_fee(amount: int) -> int:
    """Return the fee of a charge."""
    return (amount * _FEE_PERMILLE + 500) // 1000 + _FEE_FIXED


def available(account: Account, currency: str) -> int:
    """Return the balance of a currency."""
    transactions = account.transactions.newest_first()
    return sum(one["net"] for one in transactions if one["currency"] == currency)


def balance(account: Account) -> Object:
    """Return the balance of all currencies: https://docs.stripe.com/api/balance."""
    currencies = sorted({one["currency"] for one in account.transactions.newest_first()})
    amounts = [
        {"amount": available(account, currency), "currency": currency, "source_types": {}}
        for currency in currencies
    ]
    pending = [{**one, "amount": 0} for one in amounts]
    return {"object": "balance", "available": amounts, "livemode": False, "pending": pending}


def create_payout(account: Account, form: Mapping[str, object]) -> Object:
    """Pay out a part of the balance. Such a payout names no transactions, as with Stripe."""
    amount, currency = amount_of(form), str(form.get("currency", "")).lower()
    if amount > available(account, currency):
        message = "You have insufficient funds in your Stripe account for this transfer."
        raise impossible(message, code="balance_insufficient")
    return _pay_out(account, amount, currency, automatic=False)


def pay_out_all(account: Account, _: Mapping[str, object]) -> Object:
    """Pay out all that was not paid out, as Stripe does each day; one payout for each currency.

    https://docs.stripe.com/payouts/reconciliation lists the transactions of such a payout.
    """
    waiting: dict[str, list[Object]] = {}
    for one in account.transactions.newest_first():
        if one["id"] not in account.payout_of and one["type"] != "payout":
            waiting.setdefault(one["currency"], []).append(one)
    payouts = []
    for currency, transactions in waiting.items():
        amount = sum(one["net"] for one in transactions)
        if amount > 0:
            payout = _pay_out(account, amount, currency, automatic=True)
            ids = [payout["balance_transaction"], *(one["id"] for one in transactions)]
            account.payout_of.update(dict.fromkeys(ids, payout["id"]))
            payouts.append(payout)
    return {"object": "list", "url": "/v1/payouts", "has_more": False, "data": payouts}


def fail_payout(account: Account, payout_id: str) -> Object:
    """Return a payout from the bank: its money is in the balance again."""
    payout = account.payouts.retrieve(payout_id, "payout")
    if payout["status"] == "failed":
        raise invalid("This payout has already failed.")
    transaction = add_transaction(account, payout, payout["amount"], "payout_failure")
    payout.update(
        status="failed",
        failure_code="account_closed",
        failure_message="The bank account has been closed.",
        failure_balance_transaction=transaction["id"],
    )
    account.events.tell("payout.failed", payout)
    return payout


def _pay_out(account: Account, amount: int, currency: str, *, automatic: bool) -> Object:
    payout = account.payouts.add(
        amount=amount,
        application_fee=None,
        application_fee_amount=None,
        arrival_date=int(time.time()),
        automatic=automatic,
        balance_transaction=None,
        currency=currency,
        description="STRIPE PAYOUT" if automatic else None,
        destination="ba_embedded",
        failure_balance_transaction=None,
        failure_code=None,
        failure_message=None,
        livemode=False,
        metadata={},
        method="standard",
        original_payout=None,
        payout_method=None,
        reconciliation_status="completed" if automatic else "not_applicable",
        reversed_by=None,
        source_type="card",
        statement_descriptor=None,
        status="pending",
        trace_id=None,
        type="bank_account",
    )
    transaction = add_transaction(account, payout, -amount, "payout")
    payout["balance_transaction"] = transaction["id"]
    account.events.tell("payout.created", payout)
    payout["status"] = "paid"
    account.events.tell("payout.paid", payout)
    return payout
