"""Stripe's documented test cards: https://docs.stripe.com/testing?testing-method=payment-methods."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True)
class Decline:
    """Why a card is declined, in Stripe's words."""

    code: str
    decline_code: str
    message: str


APPROVED = frozenset(
    f"pm_card_{brand}"
    for brand in (
        "visa",
        "visa_debit",
        "mastercard",
        "mastercard_debit",
        "mastercard_prepaid",
        "amex",
        "discover",
        "diners",
        "jcb",
        "unionpay",
    )
)

_GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")


def _declined(reason: str) -> Decline:
    return Decline("card_declined", reason, "Your card was declined.")


def _named(code: str, message: str) -> Decline:
    return Decline(code, code, message)


DECLINED = {
    "pm_card_chargeDeclined": _GENERIC,
    "pm_card_visa_chargeDeclined": _GENERIC,
    "pm_card_visa_chargeDeclinedInsufficientFunds": Decline(
        "card_declined", "insufficient_funds", "Your card has insufficient funds."
    ),
    "pm_card_visa_chargeDeclinedLostCard": _declined("lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": _declined("stolen_card"),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": _declined("card_velocity_exceeded"),
    "pm_card_chargeDeclinedExpiredCard": _named("expired_card", "Your card has expired."),
    "pm_card_chargeDeclinedIncorrectCvc": _named(
        "incorrect_cvc", "Your card's security code is incorrect."
    ),
    "pm_card_chargeDeclinedProcessingError": _named(
        "processing_error", "An error occurred while processing your card. Try again later."
    ),
}

ASKS = {"pm_card_authenticationRequired", "pm_card_threeDSecure2Required"}
"""The cards whose bank asks the donor."""
NOT_ASKED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)

DISPUTED = {
    "pm_card_createDispute": "fraudulent",
    "pm_card_createDisputeProductNotReceived": "product_not_received",
}
"""The cards whose donor disputes the charge at once, and the reason."""
REPORTED_AS_FRAUD = "pm_card_createIssuerFraudRecord"
REFUND_FAILS = "pm_card_refundFail"
REFUND_IS_PENDING = "pm_card_pendingRefund"

ALL = frozenset(
    [*APPROVED, *DECLINED, *ASKS, *DISPUTED, REPORTED_AS_FRAUD, REFUND_FAILS, REFUND_IS_PENDING]
)


def details(method: str) -> dict[str, Any]:
    """Return what Stripe says of a card. All payments with one card have one fingerprint."""
    name = method.removeprefix("pm_card_")
    return {
        "brand": name if method in APPROVED else "visa",
        "country": "DE",
        "exp_month": 12,
        "exp_year": 2050,
        "fingerprint": sha256(method.encode()).hexdigest()[:16],
        "funding": "credit",
        "last4": "4242",
    }


def payment_method(method: str) -> dict[str, Any]:
    """Return a card as a PaymentMethod."""
    card = details(method)
    return {"id": method, "object": "payment_method", "type": "card", "card": card}
