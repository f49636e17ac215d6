"""The table of donations."""

import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from amply.database.base import Base, Timestamp, now


class Status(StrEnum):
    """How far a donation has come. It only ever moves forward, with one exception: `repository`."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUNDED = "refunded"


ABANDONED = "processing_abandoned"
"""The failure code of what no attempt brought to its end, and of which the provider knew nothing.

Ours, where every other code is the provider's. Of a charge, and of a refund.
"""


def new_donation_id() -> str:
    """An identifier that cannot be guessed: knowing it is what lets a donor look it up."""
    return f"don_{secrets.token_hex(12)}"


def _of_refunds_that_are_owed() -> Index:
    """The few that the recovery looks for among all that succeeded, oldest move first."""
    is_owed = text(f"status = '{Status.SUCCEEDED}' AND refund_requested_at IS NOT NULL")
    return Index(
        "donations_refund_owed_idx", "updated_at", postgresql_where=is_owed, sqlite_where=is_owed
    )


class Donation(Base):
    """One donor's gift. `amount` is in minor units of `currency` (ISO 4217, upper case).

    `claimed_by` is the attempt that is at work on it, until `claimed_until`; an attempt that ends
    in order leaves both NULL, one that dies leaves them. `attempts` counts the claims for charging,
    and from the request for a refund on those for refunding; `deaths` those of them that died and
    were taken over. `idempotency_key` is the donor's own: one donation for each.
    """

    __tablename__ = "donations"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "status IN ({})".format(", ".join(f"'{status}'" for status in Status)), name="status"
        ),
        Index("donations_created_at_id_idx", "created_at", "id"),  # the order of a listing
        Index("donations_status_updated_at_idx", "status", "updated_at"),  # what is stuck
        Index("donations_payment_id_idx", "payment_id"),  # what a dispute names
        _of_refunds_that_are_owed(),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_donation_id)
    idempotency_key: Mapped[str | None] = mapped_column(String(255), unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    donor_name: Mapped[str | None] = mapped_column(String(200))
    donor_email: Mapped[str] = mapped_column(String(254))
    campaign: Mapped[str | None] = mapped_column(String(64))
    message: Mapped[str | None] = mapped_column(String(1000))
    payment_method: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(10), default=Status.PENDING)
    payment_id: Mapped[str | None] = mapped_column(String(255))
    failure_code: Mapped[str | None] = mapped_column(String(255))
    refund_id: Mapped[str | None] = mapped_column(String(255))
    refund_requested_at: Mapped[datetime | None] = mapped_column(Timestamp)
    refund_failure_code: Mapped[str | None] = mapped_column(String(255))
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None] = mapped_column(Timestamp)
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    deaths: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=now, onupdate=now)
