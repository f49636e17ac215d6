"""Leases: one attempt at a time works on a row, and a dead attempt's row becomes free again.

An attempt is one run of a task, not its message: two workers that receive the same message are two
attempts. Any table with the columns `claimed_by` and `claimed_until` can be leased.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import uuid4

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from amply.base.errors import StillClaimed
from amply.database.base import now

logger = logging.getLogger(__name__)

Row = TypeVar("Row")


@dataclass(frozen=True)
class Attempt:
    """A run of a task, and for how many seconds it may keep what it claims."""

    seconds: int
    id: str = field(default_factory=lambda: str(uuid4()))

    def claim(self) -> dict[str, object]:
        """Return the values that claim a row."""
        return {"claimed_by": self.id, "claimed_until": now() + timedelta(seconds=self.seconds)}


RELEASED: dict[str, object] = {"claimed_by": None, "claimed_until": None}
"""The values that release a row."""


def is_free(claimed_until: InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
    """Return the condition that no living attempt holds the row."""
    return or_(claimed_until.is_(None), claimed_until < now())


@dataclass(frozen=True)
class Job(Generic[Row]):
    """Work on one row, done by one attempt at a time.

    `row` selects the row, `is_open` is true while there is work to do, and `changes` are written
    together with a claim.
    """

    name: str
    table: type[Row]
    row: ColumnElement[bool]
    is_open: ColumnElement[bool]
    changes: Mapping[str, object] = field(default_factory=dict)

    def claim(self, session: Session, attempt: Attempt, *where: ColumnElement[bool]) -> Row | None:
        """Claim the row for this attempt alone.

        Return None if another attempt holds it, its work is done, or it does not exist.
        """
        table: Any = self.table
        claimed = update(table).where(self.row, self.is_open, is_free(table.claimed_until), *where)
        row: Row | None = session.scalar(
            claimed.values(**self.changes, **attempt.claim()).returning(table)
        )
        return row

    def release(self, session: Session, attempt: Attempt) -> None:
        """Release the row if this attempt still holds it."""
        table: Any = self.table
        held = update(table).where(self.row, table.claimed_by == attempt.id)
        session.execute(held.values(**RELEASED))

    @contextmanager
    def claimed(self, sessions: sessionmaker[Session], attempt: Attempt) -> Iterator[Row | None]:
        """Claim the row, and release it if the block fails, so that the next attempt need not wait.

        Yield None if there is nothing to do. No transaction is open inside the block. Raise
        StillClaimed if another attempt holds the row: it may be dead, so the message must stay.
        """
        with sessions.begin() as session:
            row = self.claim(session, attempt)
        if row is None:
            self._raise_if_open(sessions)
            yield None
            return
        try:
            yield row
        except Exception:
            with sessions.begin() as session:
                self.release(session, attempt)
            raise

    def _raise_if_open(self, sessions: sessionmaker[Session]) -> None:
        with sessions() as session:
            is_open = session.scalar(select(self.table).where(self.row, self.is_open)) is not None
        if is_open:
            raise StillClaimed(f"{self.name} is claimed by another attempt")
        logger.info("Nothing to do", extra={"job": self.name})
