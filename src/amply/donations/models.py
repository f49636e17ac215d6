"""The table of donations."""

import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from amply.database import Base, Timestamp, now


class Status(StrEnum):
    """How far a donation has come. It only ever moves forward: see `repository`."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


def new_donation_id() -> str:
    """An identifier that cannot be guessed: knowing it is what lets a donor look it up."""
    return f"don_{secrets.token_hex(12)}"


class Donation(Base):
    """One donor's gift. `amount` is in minor units of `currency` (ISO 4217, upper case)."""

    __tablename__ = "donations"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "status IN ({})".format(", ".join(f"'{status}'" for status in Status)), name="status"
        ),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_donation_id)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    donor_email: Mapped[str] = mapped_column(String(254))
    payment_method: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(10), default=Status.PENDING)
    payment_id: Mapped[str | None] = mapped_column(String(255))
    failure_code: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=now, onupdate=now)
