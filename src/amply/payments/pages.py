"""The interface of pages on which donors pay: the provider's own, or one of the charity's."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

BANK_ASKS = frozenset({"authentication_required", "requires_action"})
"""The failure codes of a charge about which the bank wants to ask the donor."""


class PageState(StrEnum):
    """The states of a page. It ends once, paid or not."""

    OPEN = "open"
    PAID = "paid"
    ENDED = "ended"  # nobody paid, and nobody can pay any more


@dataclass(frozen=True)
class Order:
    """A request for a page. Each new page has a new `key`."""

    key: str
    donation_id: str
    amount: int
    currency: str
    donor_email: str


@dataclass(frozen=True)
class Page:
    """A page. While it is open it has a `url` of the provider or a `client_secret`.

    Whoever has either can pay, and see the amount: both are for the donor alone.
    """

    id: str
    state: PageState
    payment_id: str | None = None
    url: str | None = None
    client_secret: str | None = None


class DonorPages(Protocol):
    """A provider with payment pages, on which a bank can ask its donor.

    A page can be paid once. Each method raises PaymentUnavailable if the provider gives no final
    answer, and its subclass PaymentMisconfigured if it rejects our requests whoever the donor is.
    """

    def open_checkout(self, order: Order) -> Page:
        """Open a page of the provider's.

        The same key returns the same page for a day. Raise PaymentDeclined if the provider does
        not charge this amount.
        """
        ...

    def open_elements(self, order: Order) -> Page:
        """Open a payment for a page of the charity's own, as `open_checkout` does."""
        ...

    def read(self, page_id: str) -> Page:
        """Return the current state of a page."""
        ...

    def close(self, page_id: str) -> Page:
        """End a page unless it was paid, and return its final state."""
        ...
