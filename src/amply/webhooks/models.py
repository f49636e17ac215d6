"""The table of Stripe's events."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from amply.database.base import Base, Timestamp, now


class StripeEvent(Base):
    """An event that was accepted. Its contents are not stored: they identify the donor."""

    __tablename__ = "stripe_events"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    type: Mapped[str] = mapped_column(String(255))
    received_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
