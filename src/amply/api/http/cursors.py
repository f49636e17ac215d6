"""Cursors: where a page of a listing begins. Pages stay correct while rows are added."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field


@dataclass(frozen=True)
class Position:
    """The last donation of the page before."""

    created_at: datetime
    id: str

    def written(self) -> str:
        """Return the cursor, which is opaque to clients."""
        text = f"{self.created_at.astimezone(UTC).isoformat()} {self.id}"
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, cursor: str) -> "Position":
        """Read a cursor. Raise ValueError if it is not one of ours."""
        try:
            text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
            created_at, _, donation_id = text.partition(" ")
            position = cls(_in_utc(datetime.fromisoformat(created_at)), donation_id)
        except ValueError:
            raise ValueError("is not a cursor that a page came with") from None
        if not (donation_id.isascii() and donation_id.replace("_", "").isalnum()):
            raise ValueError("is not a cursor that a page came with")
        return position


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("is not an instant in UTC") from None


def _written_out(text: object) -> object:
    """Refuse the numbers that pydantic would read as seconds since 1970."""
    if isinstance(text, str) and "T" not in text:
        raise ValueError("is not a date and time as in RFC 3339")
    return text


def _readable(cursor: str) -> str:
    Position.read(cursor)
    return cursor


Cursor = Annotated[
    str,
    Field(
        pattern="^[A-Za-z0-9_-]+$",
        max_length=255,
        description="`next_cursor` of the page before.",
    ),
    AfterValidator(_readable),
]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written_out),
    AfterValidator(_in_utc),
    Field(description="With its offset from UTC.", examples=["2026-01-31T00:00:00Z"]),
]
