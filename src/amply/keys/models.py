"""The table of API keys."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from amply.database.base import Base, Timestamp, now


class Scope(StrEnum):
    """The rights of a key."""

    READ = "read"
    SUPPORT = "support"  # and read; send receipts again
    REFUND = "refund"  # and all of the above


class ApiKey(Base):
    """A key without its secret: `secret_hash` is the SHA-256 in hexadecimal digits.

    Keys that are older than scopes may refund and do not expire.
    """

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    scope: Mapped[str] = mapped_column(String(10), default=Scope.READ, server_default=Scope.REFUND)
    expires_at: Mapped[datetime | None] = mapped_column(Timestamp)
    revoked_at: Mapped[datetime | None] = mapped_column(Timestamp)
