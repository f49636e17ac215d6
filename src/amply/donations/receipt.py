"""The table of receipts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from amply.database.base import Base, Timestamp, now


def _of_unsent() -> Index:
    """Return the index of the few receipts that are not sent yet."""
    is_unsent = text("sent_at IS NULL")
    return Index(
        "receipts_unsent_idx", "queued_at", postgresql_where=is_unsent, sqlite_where=is_unsent
    )


class Receipt(Base):
    """A receipt that is due or sent. A donation has at most one; `copies` counts those after it.

    `attempted_at` is set before the mailer is called, and kept if its answer is lost.
    `message_id` is the mailer's.
    """

    __tablename__ = "receipts"
    __table_args__ = (_of_unsent(),)

    donation_id: Mapped[str] = mapped_column(
        String(64), ForeignKey("donations.id"), primary_key=True
    )
    sent_at: Mapped[datetime | None] = mapped_column(Timestamp)
    attempted_at: Mapped[datetime | None] = mapped_column(Timestamp)
    message_id: Mapped[str | None] = mapped_column(String(255))
    copies: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    queued_at: Mapped[datetime] = mapped_column(Timestamp, default=now)  # its last message
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
