"""The table of messages that are still to be sent."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from amply.database.base import Base, Timestamp, now


class OutboxMessage(Base):
    """A task to be sent. The row is deleted once the queue has it, so the table stays small."""

    __tablename__ = "outbox"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    task: Mapped[str] = mapped_column(String(255))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    request_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now, index=True)
