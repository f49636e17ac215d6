"""A payment provider in memory, and a database with donations in it, for tests of the tasks."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, sessionmaker

from amply.donations.models import Donation, Status
from amply.payments.gateway import Charge, Refund


@dataclass
class Gateway:
    """Remembers what it was asked, and fails or waits while it charges, cancels or refunds.

    `found` is what a search for a payment finds, and `charged` says that it was charged.
    """

    fails_with: Exception | None = None
    opened: list[Charge] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)
    found: str | None = None
    charged: bool = False
    meanwhile: Callable[[], None] = lambda: None

    def open(self, charge: Charge) -> str:
        self.opened.append(charge)
        return f"pi_{len(self.opened)}"

    def find(self, donation_id: str) -> str | None:
        assert donation_id
        return self._answer(self.found)

    def confirm(self, payment_id: str) -> None:
        self.confirmed.append(payment_id)
        self._answer(None)

    def cancel(self, payment_id: str) -> bool:
        self.canceled.append(payment_id)
        self._answer(None)
        return not self.charged

    def refund(self, refund: Refund) -> str:
        assert refund.donation_id
        self.refunds.append(refund.payment_id)
        self._answer(None)
        return f"re_{len(self.refunds)}"

    def _answer(self, answer: str | None) -> str | None:
        self.meanwhile()
        if self.fails_with:
            raise self.fails_with
        return answer


def take(sessions: sessionmaker[Session], status: Status = Status.PENDING, **fields: object) -> str:
    """Put a donation into the database, `don_1` unless another id is given."""
    donation = Donation(
        **{
            "id": "don_1",
            "amount": 5000,
            "currency": "EUR",
            "donor_email": "ada@example.org",
            "payment_method": "pm_card_visa",
            "status": status,
            **fields,
        }
    )
    with sessions.begin() as session:
        session.add(donation)
    return donation.id


def read(sessions: sessionmaker[Session]) -> Donation:
    """Return `don_1` as it is now."""
    with sessions() as session:
        return session.get_one(Donation, "don_1")
