"""Leases: one attempt at a time has a row to itself, and a dead one's row comes free by itself.

An attempt is a run of a task, not its message: two workers that were given the same message are two
attempts. Every table with the columns `claimed_by` and `claimed_until` can be leased.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

from amply.database import now


@dataclass(frozen=True)
class Attempt:
    """A run of a task, and how many seconds it may keep what it claims."""

    seconds: int
    id: str = field(default_factory=lambda: str(uuid4()))

    def claim(self) -> dict[str, object]:
        """The values that claim a row."""
        return {"claimed_by": self.id, "claimed_until": now() + timedelta(seconds=self.seconds)}


RELEASED: dict[str, object] = {"claimed_by": None, "claimed_until": None}
"""The values that give a row back."""


def is_free(claimed_until: InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
    """That no living attempt holds the row."""
    return or_(claimed_until.is_(None), claimed_until < now())
