"""The table of events that Stripe has told."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from amply.database.base import Base, Timestamp, now


class StripeEvent(Base):
    """An event that was taken in. Its contents are not kept: they say who the donor is."""

    __tablename__ = "stripe_events"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    type: Mapped[str] = mapped_column(String(255))
    received_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
