"""Disputes and early fraud warnings.

https://docs.stripe.com/disputes/api
https://docs.stripe.com/testing#disputes
"""

import time
from collections.abc import Mapping
from typing import Any

from amply.embedded.stripe.errors import impossible
from amply.embedded.stripe.objects.account import Account, Object
from amply.embedded.stripe.objects.balance import DISPUTE_FEE, add_transaction

_SECONDS_TO_RESPOND = 7 * 86_400
_OPEN = {"needs_response", "under_review"}
# What a test's evidence says decides it: https://docs.stripe.com/testing#evidence
_DECIDED_BY = {"winning_evidence": "won", "losing_evidence": "lost"}


def create(account: Account, charge: Object, reason: str) -> Object:
    """Take the money of a charge back, as the donor's bank asks for it."""
    charge["disputed"] = True
    dispute = account.disputes.add(
        amount=charge["amount"] - charge["amount_refunded"],
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={},
        evidence_details={
            "due_by": int(time.time()) + _SECONDS_TO_RESPOND,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=False,
        livemode=False,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )
    account.events.tell("charge.dispute.created", dispute)
    _book(account, dispute, -dispute["amount"], "dispute", DISPUTE_FEE)
    account.events.tell("charge.dispute.funds_withdrawn", dispute)
    return dispute


def update(account: Account, dispute_id: str, form: Mapping[str, Any]) -> Object:
    """Store evidence; `evidence[uncategorized_text]` decides the dispute when it is submitted."""
    dispute = _open_dispute(account, dispute_id)
    dispute["evidence"].update(form.get("evidence", {}))
    dispute["metadata"].update(form.get("metadata", {}))
    dispute["evidence_details"]["has_evidence"] = bool(dispute["evidence"])
    if not dispute["evidence"] or form.get("submit") == "false":
        account.events.tell("charge.dispute.updated", dispute)
        return dispute
    dispute["evidence_details"]["submission_count"] += 1
    dispute["status"] = "under_review"
    account.events.tell("charge.dispute.updated", dispute)
    outcome = _DECIDED_BY.get(dispute["evidence"].get("uncategorized_text", ""))
    return _close(account, dispute, outcome) if outcome else dispute


def close(account: Account, dispute_id: str) -> Object:
    """Accept a dispute, so that it is lost."""
    return _close(account, _open_dispute(account, dispute_id), "lost")


def warn(account: Account, charge: Object) -> Object:
    """Warn of fraud with a charge that the bank has not disputed yet."""
    warning = account.warnings.add(
        actionable=True,
        charge=charge["id"],
        fraud_type="made_with_stolen_card",
        livemode=False,
        payment_intent=charge["payment_intent"],
    )
    account.events.tell("radar.early_fraud_warning.created", warning)
    return warning


def _open_dispute(account: Account, dispute_id: str) -> Object:
    dispute = account.disputes.retrieve(dispute_id, "dispute")
    if dispute["status"] not in _OPEN:
        raise impossible("This dispute is already closed", code="dispute_already_closed")
    return dispute


def _close(account: Account, dispute: Object, outcome: str) -> Object:
    dispute["status"] = outcome
    if outcome == "won":
        _book(account, dispute, dispute["amount"], "dispute_reversal")
        account.events.tell("charge.dispute.funds_reinstated", dispute)
    account.events.tell("charge.dispute.closed", dispute)
    return dispute


def _book(account: Account, dispute: Object, amount: int, category: str, fee: int = 0) -> None:
    transaction = add_transaction(account, dispute, amount, "adjustment", category, fee)
    dispute["balance_transactions"].append(transaction)
