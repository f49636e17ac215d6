"""The records of a payment provider, to compare with ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias


class Resource(StrEnum):
    """The lists, in the order in which they are compared: a refund needs its charge."""

    CHARGES = "charges"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    PAYOUTS = "payouts"


@dataclass(frozen=True)
class ChargeRecord:
    """A card that was charged. Amounts in minor units of `currency` (ISO 4217, upper case)."""

    id: str
    payment_id: str
    donation_id: str | None  # of our metadata
    amount: int
    currency: str
    refunded: int
    fee: int
    created_at: datetime


@dataclass(frozen=True)
class RefundRecord:
    """A refund, or one that failed after it was made."""

    id: str
    payment_id: str
    amount: int
    currency: str
    failure_code: str | None
    created_at: datetime


@dataclass(frozen=True)
class DisputeMovement:
    """Money that a dispute took (negative) or returned, and its fee."""

    id: str
    amount: int
    fee: int
    created_at: datetime


@dataclass(frozen=True)
class DisputeRecord:
    """A dispute: a donor's bank asks for the money back."""

    id: str
    payment_id: str
    amount: int
    currency: str
    reason: str
    status: str
    respond_by: datetime | None
    movements: tuple[DisputeMovement, ...]
    created_at: datetime

    @property
    def is_closed(self) -> bool:
        """Return True once the bank has decided."""
        return self.status in {"won", "lost", "warning_closed", "prevented"}


@dataclass(frozen=True)
class PayoutRecord:
    """Money on its way to our bank, or one that the bank returned."""

    id: str
    amount: int
    currency: str
    has_failed: bool
    created_at: datetime


Record: TypeAlias = ChargeRecord | RefundRecord | DisputeRecord | PayoutRecord


@dataclass(frozen=True)
class Page:
    """Records, newest first, and the cursor of the next page; None at the end."""

    records: Sequence[Record]
    next: str | None


class PaymentRecords(Protocol):
    """The records of a payment provider. Methods raise PaymentUnavailable without an answer."""

    def page(self, resource: Resource, since: datetime, after: str | None) -> Page:
        """Return the records created since then, after the given record."""
        ...

    def retrieve(self, resource: Resource, record_id: str) -> Record | None:
        """Return one record; None if it moved no money, such as a declined charge."""
        ...

    def refunds_of(self, payment_id: str) -> Sequence[RefundRecord]:
        """Return the refunds of a payment, oldest first, including failed ones."""
        ...

    def balance(self) -> dict[str, int]:
        """Return our balance at the provider in each currency, in minor units."""
        ...
