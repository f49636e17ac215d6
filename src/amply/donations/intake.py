"""Take a donation: once for each idempotency key, however often and from wherever it is sent."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from amply.donations.models import Donation
from amply.donations.repository import message_about
from amply.jobs.names import CHARGE_DONATION
from amply.outbox.models import OutboxMessage

# What the donor said, as opposed to what became of it: the same key stands for the same of these.
_GIVEN = (
    *("amount", "currency", "donor_name", "donor_email"),
    *("campaign", "message", "payment_method"),
)


class KeyUsedOtherwiseError(Exception):
    """The idempotency key stands for a donation that is not this one."""


async def take(
    sessions: async_sessionmaker[AsyncSession], donation: Donation
) -> tuple[Donation, OutboxMessage | None]:
    """Keep a donation and the message that has it charged, in one transaction.

    Gives the donation and its message; for a repetition the donation that was there before, and
    None. Raises KeyUsedOtherwiseError.
    """
    message = message_about(donation.id, CHARGE_DONATION)
    try:
        async with sessions.begin() as session:
            session.add_all([donation, message])
    except IntegrityError:
        if donation.idempotency_key is None:
            raise
        return await _taken_before(sessions, donation), None
    return donation, message


async def _taken_before(sessions: async_sessionmaker[AsyncSession], donation: Donation) -> Donation:
    of_the_key = select(Donation).where(Donation.idempotency_key == donation.idempotency_key)
    async with sessions() as session:
        found = (await session.scalars(of_the_key)).one()
    if any(getattr(found, name) != getattr(donation, name) for name in _GIVEN):
        raise KeyUsedOtherwiseError
    return found
