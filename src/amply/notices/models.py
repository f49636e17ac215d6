"""The table of mails to staff."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from amply.database.base import Base, Timestamp, now


class Notice(Base):
    """A mail to staff that is due or sent, named by its cause. It identifies no donor."""

    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(2000))
    sent_at: Mapped[datetime | None] = mapped_column(Timestamp)
    queued_at: Mapped[datetime] = mapped_column(Timestamp, default=now)  # its last message
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
