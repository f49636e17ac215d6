"""The table of receipts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from amply.database.base import Base, Timestamp, now


def _of_unsent() -> Index:
    """The few that the recovery looks for among all that were sent."""
    is_unsent = text("sent_at IS NULL")
    return Index(
        "receipts_unsent_idx", "queued_at", postgresql_where=is_unsent, sqlite_where=is_unsent
    )


class Receipt(Base):
    """That a donor is owed a receipt, and whether it was sent. A donation has at most one."""

    __tablename__ = "receipts"
    __table_args__ = (_of_unsent(),)

    donation_id: Mapped[str] = mapped_column(
        String(64), ForeignKey("donations.id"), primary_key=True
    )
    sent_at: Mapped[datetime | None] = mapped_column(Timestamp)
    queued_at: Mapped[datetime] = mapped_column(Timestamp, default=now)  # its last message
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
