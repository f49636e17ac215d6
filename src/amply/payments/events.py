"""The part of Stripe's events that Amply reads."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """A change of a payment, or of the page `page_id` on which a donor pays.

    `donation_id` is None for payments that are not ours, and for disputes, which have no metadata
    of ours. `amount` is what the payment received, or what is refunded or disputed.
    `account` is None unless the event is about an account that is connected to ours.
    """

    id: str
    type: str
    donation_id: str | None
    payment_id: str | None
    failure_code: str | None
    amount: int | None
    currency: str | None
    object_kind: str | None  # `refund`, `dispute`, `checkout.session`, …
    object_id: str | None
    livemode: bool
    account: str | None
