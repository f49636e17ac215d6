"""The part of Stripe's events that Amply reads."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """A change of a payment.

    `donation_id` is None for payments that are not ours, and for disputes, which have no metadata
    of ours. `amount` is what the payment received, or what is refunded or disputed.
    """

    id: str
    type: str
    donation_id: str | None
    payment_id: str | None
    failure_code: str | None
    fully_refunded: bool
    amount: int | None
    currency: str | None
    object_kind: str | None = None  # `refund`, `dispute`, …
    object_id: str | None = None
