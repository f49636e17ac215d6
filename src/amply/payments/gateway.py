"""The interface of a payment provider."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

# Stripe forgets an idempotency key 24 hours after its first use, at the earliest. The first use
# is later than what it is for, so that an hour is margin for clocks that differ.
# https://docs.stripe.com/api/idempotent_requests
KEY_IS_REMEMBERED = timedelta(hours=23)


@dataclass(frozen=True)
class Charge:
    """A charge to make: `amount` in minor units of `currency` (ISO 4217, upper case).

    `attempt` counts the attempts to charge the donation, from 1.
    """

    donation_id: str
    amount: int
    currency: str
    payment_method: str
    attempt: int


@dataclass(frozen=True)
class Payment:
    """A payment that was opened. All payments with one card have one `card_fingerprint`."""

    id: str
    card_fingerprint: str | None = None


@dataclass(frozen=True)
class Refund:
    """A refund to make. A refused one may be requested again, so it names the time.

    `amount` in minor units of the payment's currency; None for all that is left.
    `attempt` counts from 1: the first has been tried by nobody else.
    """

    donation_id: str
    payment_id: str
    requested_at: datetime
    amount: int | None = None
    attempt: int = 1


@dataclass(frozen=True)
class RefundMade:
    """A refund that was made; `amount` in minor units: what was left, if none was named."""

    id: str
    amount: int


class PaymentGateway(Protocol):
    """A provider that charges donors in two steps: open a payment, then confirm it.

    Only `confirm` moves money, and a payment can be charged once. A caller that stores the id of
    one payment before it confirms it cannot charge twice, whatever is lost or repeated.

    Each method raises PaymentUnavailable if the provider gives no final answer, and its subclass
    PaymentMisconfigured if the provider rejects our requests whoever the donor is.
    """

    def open(self, charge: Charge) -> Payment:
        """Create a payment without charging anybody.

        Raise PaymentDeclined if the donor cannot be charged this amount by this payment method.
        """
        ...

    def find(self, donation_id: str) -> str | None:
        """Return the id of a payment that was opened for a donation, if there is one.

        Prefer one that was charged. Payments of the last minutes may not be found yet.
        """
        ...

    def confirm(self, payment_id: str) -> None:
        """Charge the donor once, however often this is called.

        Raise PaymentDeclined if this payment did not and will not charge the donor.
        """
        ...

    def cancel(self, payment_id: str) -> bool:
        """Make sure that a payment is never charged; return False if it was charged already."""
        ...

    def refund(self, refund: Refund) -> RefundMade | None:
        """Make this refund once, however often this is called, and return what was made.

        Return None if somebody else refunded the whole payment. Raise PaymentDeclined if the
        provider refuses this request for good.
        """
        ...
