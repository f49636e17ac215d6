"""What Amply needs from a payment provider."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Charge:
    """What to charge: `amount` in minor units of `currency` (ISO 4217, upper case)."""

    donation_id: str
    amount: int
    currency: str
    payment_method: str


@dataclass(frozen=True)
class Refund:
    """What to give back, and when that was asked for: what was refused may be asked for again."""

    donation_id: str
    payment_id: str
    requested_at: datetime


class PaymentGateway(Protocol):
    """A provider that charges donors. Each method raises PaymentUnavailable without an answer."""

    def charge(self, charge: Charge) -> str:
        """Charge once for `charge.donation_id`, however often it is called; give the payment's id.

        Raises PaymentDeclined when the donor was not and will not be charged for this donation,
        PaymentUnavailable when that is not known.
        """
        ...

    def find(self, donation_id: str) -> str | None:
        """The payment that was made for a donation, if there is one.

        What was charged within the last minutes may not be found yet.
        """
        ...

    def refund(self, refund: Refund) -> str | None:
        """Give the whole payment back once, however often it is called; give the refund's id.

        None where it was given back by other hands. Raises PaymentDeclined when the provider
        refuses this request for good.
        """
        ...
