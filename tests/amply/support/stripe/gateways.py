"""A payment provider in memory and a database with donations, for tests of tasks."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, sessionmaker

from amply.donations.models import Donation, Status
from amply.payments.gateway import Charge, Payment, Refund, RefundMade
from amply.payments.pages import Order, Page, PageState


@dataclass
class Gateway:
    """A gateway that records its calls, and can fail or wait in a charge, cancellation or refund.

    `found` is what a search for a payment finds, and `charged` says that it was charged. `left` is
    what is not refunded yet.
    """

    fails_with: Exception | None = None
    opened: list[Charge] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)
    found: str | None = None
    charged: bool = False
    fingerprint: str | None = None
    left: int = 5000
    meanwhile: Callable[[], None] = lambda: None

    def open(self, charge: Charge) -> Payment:
        self.opened.append(charge)
        return Payment(f"pi_{len(self.opened)}", self.fingerprint)

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

    def refund(self, refund: Refund) -> RefundMade:
        assert refund.donation_id
        self.refunds.append(refund.payment_id)
        self._answer(None)
        amount = refund.amount or self.left
        self.left -= amount
        return RefundMade(f"re_{len(self.refunds)}", amount)

    def _answer(self, answer: str | None) -> str | None:
        self.meanwhile()
        if self.fails_with:
            raise self.fails_with
        return answer


@dataclass
class Pages:
    """Payment pages in memory. `state` is the state of a page before `close` ends it."""

    state: PageState = PageState.OPEN
    fails_with: Exception | None = None
    opened: list[Order] = field(default_factory=list)
    read_ids: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def open_checkout(self, order: Order) -> Page:
        self.opened.append(order)
        return self._page(f"cs_{len(self.opened)}")

    def open_elements(self, order: Order) -> Page:
        self.opened.append(order)
        return self._page(f"pi_page_{len(self.opened)}")

    def read(self, page_id: str) -> Page:
        self.read_ids.append(page_id)
        return self._page(page_id)

    def close(self, page_id: str) -> Page:
        self.closed.append(page_id)
        if self.state is PageState.OPEN:
            self.state = PageState.ENDED
        return self._page(page_id)

    def _page(self, page_id: str) -> Page:
        self.meanwhile()
        if self.fails_with:
            raise self.fails_with
        is_open = self.state is PageState.OPEN
        payment_id = "pi_of_page" if self.state is PageState.PAID else None
        return Page(page_id, self.state, payment_id, f"https://pay/{page_id}" if is_open else None)


def take(sessions: sessionmaker[Session], status: Status = Status.PENDING, **fields: object) -> str:
    """Insert a donation, `don_1` unless another id is given."""
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
    """Return `don_1` from the database."""
    with sessions() as session:
        return session.get_one(Donation, "don_1")
