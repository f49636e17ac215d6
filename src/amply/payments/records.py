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
    """Money that a dispute took (negative) or gave back, and what that cost."""

    id: str
    amount: int
    fee: int
    created_at: datetime


@dataclass(frozen=True)
class DisputeRecord:
    """A donor's bank that asks for the money back."""

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
    """Records, newest first, and where the next page starts; None at the end."""

    records: Sequence[Record]
    next: str | None


class PaymentRecords(Protocol):
    """The records of a payment provider. Methods raise PaymentUnavailable without an answer."""

    def page(self, resource: Resource, since: datetime, after: str | None) -> Page:
        """Return the records that were created since, from after that one on."""
        ...

    def retrieve(self, resource: Resource, record_id: str) -> Record | None:
        """Return one record; None if it moved no money, as a declined charge."""
        ...

    def refunds_of(self, payment_id: str) -> Sequence[RefundRecord]:
        """Return the refunds of a payment, oldest first, those that failed as well."""
        ...

    def balance(self) -> dict[str, int]:
        """Return what the provider holds of ours in each currency, in minor units."""
        ...
