"""The tables of disputes, of reconciliations, and of the differences they found."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from amply.database.base import Base, Timestamp, now


class Dispute(Base):
    """A dispute at its last known status; amount in minor units of `currency`."""

    __tablename__ = "disputes"
    __table_args__ = (Index("disputes_donation_id_idx", "donation_id"),)

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    donation_id: Mapped[str | None] = mapped_column(String(64))
    payment_id: Mapped[str | None] = mapped_column(String(255))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(32))
    respond_by: Mapped[datetime | None] = mapped_column(Timestamp)
    opened_at: Mapped[datetime] = mapped_column(Timestamp)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=now, onupdate=now)


class Reconciliation(Base):
    """A comparison with Stripe's lists, and its progress: in `resource`, after that object."""

    __tablename__ = "reconciliations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    since: Mapped[datetime] = mapped_column(Timestamp)
    resource: Mapped[str] = mapped_column(String(32))
    after: Mapped[str | None] = mapped_column(String(255))
    objects: Mapped[int] = mapped_column(Integer, default=0)
    repairs: Mapped[int] = mapped_column(Integer, default=0)
    started_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(Timestamp)


class Difference(Base):
    """An object of Stripe's without a counterpart here: a person must decide."""

    __tablename__ = "differences"

    kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(String(255), primary_key=True)
    donation_id: Mapped[str | None] = mapped_column(String(64))
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    found_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    resolved_at: Mapped[datetime | None] = mapped_column(Timestamp)
