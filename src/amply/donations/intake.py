"""Store a donation, once for each idempotency key, however often it is sent."""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Insert, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from amply.base.errors import KeyUsedOtherwise
from amply.base.task_names import CHARGE_DONATION
from amply.database.base import Base
from amply.donations.models import Donation, Flow
from amply.donations.repository import message_about
from amply.outbox.models import OutboxMessage

# What the donor said, as opposed to what became of it: the same key stands for the same of these.
_GIVEN = (
    *("amount", "currency", "donor_name", "donor_email"),
    *("campaign", "message", "flow", "payment_method"),
)


_COLUMNS = {
    Donation: (
        *_GIVEN,
        *("id", "idempotency_key", "status", "attempts", "created_at", "updated_at"),
    ),
    OutboxMessage: ("id", "task", "arguments", "request_id", "created_at"),
}


def _parameter(table: type[Base], column: str) -> str:
    return f"{table.__tablename__}_{column}"


def _insertion(table: type[Base]) -> Insert:
    """Return an INSERT with a parameter for each column, so that two can share a statement."""
    return insert(Base.metadata.tables[table.__tablename__]).values(
        {column: bindparam(_parameter(table, column)) for column in _COLUMNS[table]}
    )


def _values(row: Base) -> dict[str, object]:
    table = type(row)
    return {_parameter(table, column): getattr(row, column) for column in _COLUMNS[table]}


_DONATION, _MESSAGE = _insertion(Donation), _insertion(OutboxMessage)
_BOTH = _MESSAGE.add_cte(_DONATION.cte("donation"))


@dataclass(frozen=True)
class Taken:
    """A donation, whether it is new, and the message that starts its charge, if a task
    charges it.
    """

    donation: Donation
    is_new: bool
    message: OutboxMessage | None = None


async def take(engine: AsyncEngine, donation: Donation) -> Taken:
    """Store a donation and, if a task charges it, its message, in one transaction.

    A repetition returns the existing donation. Raise KeyUsedOtherwise if the key has another
    one.
    """
    message = None
    values = _values(donation)
    if donation.flow == Flow.SAVED:
        message = message_about(donation.id, CHARGE_DONATION)
        message.id, message.created_at = str(uuid4()), donation.created_at
        values |= _values(message)
    try:
        await _keep(engine, values, with_message=message is not None)
    except IntegrityError:
        return Taken(await _taken_before(engine, donation), is_new=False)
    return Taken(donation, is_new=True, message=message)


async def _keep(engine: AsyncEngine, values: dict[str, object], *, with_message: bool) -> None:
    if engine.dialect.name == "postgresql":
        # One statement is a transaction of its own: one round trip in place of four.
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(_BOTH if with_message else _DONATION, values)
        return
    async with engine.begin() as connection:  # SQLite takes no INSERT within a statement
        await connection.execute(_DONATION, values)
        if with_message:
            await connection.execute(_MESSAGE, values)


async def _taken_before(engine: AsyncEngine, donation: Donation) -> Donation:
    of_the_key = select(Donation).where(Donation.idempotency_key == donation.idempotency_key)
    async with AsyncSession(engine) as session:
        earlier = (await session.scalars(of_the_key)).one()
    if any(getattr(earlier, name) != getattr(donation, name) for name in _GIVEN):
        raise KeyUsedOtherwise("Idempotency-Key: stands for another donation")
    return earlier
