"""A payment provider in memory, and a database with donations in it, for tests of the tasks."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, sessionmaker

from amply.donations.models import Donation, Status
from amply.payments.gateway import Charge, Refund


@dataclass
class Gateway:
    """Remembers what it was asked, and fails or waits as it is told."""

    fails_with: Exception | None = None
    charges: list[Charge] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)
    found: str | None = None
    meanwhile: Callable[[], None] = lambda: None

    def charge(self, charge: Charge) -> str:
        self.charges.append(charge)
        return self._answer(f"pi_{len(self.charges)}")

    def find(self, donation_id: str) -> str | None:
        assert donation_id
        self.meanwhile()
        if self.fails_with:
            raise self.fails_with
        return self.found

    def refund(self, refund: Refund) -> str:
        assert refund.donation_id
        self.refunds.append(refund.payment_id)
        return self._answer(f"re_{len(self.refunds)}")

    def _answer(self, identifier: str) -> str:
        self.meanwhile()
        if self.fails_with:
            raise self.fails_with
        return identifier


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
    """It, as it is now."""
    with sessions() as session:
        return session.get_one(Donation, "don_1")
