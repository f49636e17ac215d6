"""Stripe's documented test cards: https://docs.stripe.com/testing?testing-method=payment-methods."""

from dataclasses import dataclass


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

AUTHENTICATION_REQUIRED = "pm_card_authenticationRequired"

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
