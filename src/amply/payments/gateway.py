"""What Amply needs from a payment provider."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Charge:
    """What to charge: `amount` in minor units of `currency` (ISO 4217, upper case)."""

    donation_id: str
    amount: int
    currency: str
    payment_method: str


class PaymentGateway(Protocol):
    """A provider that charges donors."""

    def charge(self, charge: Charge) -> str:
        """Charge once for `charge.donation_id`, however often it is called; give the payment's id.

        Raises PaymentDeclined when the donor was not and will not be charged for this donation,
        PaymentUnavailable when that is not known.
        """
        ...
