"""What we read of an event of Stripe's."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """What happened, and to which donation: None for payments that are none of ours."""

    id: str
    type: str
    donation_id: str | None
    payment_id: str | None
    failure_code: str | None
    fully_refunded: bool
