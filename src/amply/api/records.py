"""Donations as staff see them, with what the ledger says of their refunds."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from amply.api.schemas import DonationRecord
from amply.donations.models import Donation
from amply.ledger.models import Account, LedgerLine


async def records_of(session: AsyncSession, donations: Sequence[Donation]) -> list[DonationRecord]:
    """Return the records of donations, in their order, by one query for all of them."""
    of_them = LedgerLine.donation_id.in_([donation.id for donation in donations])
    sums = await session.execute(
        select(LedgerLine.donation_id, func.sum(LedgerLine.amount))
        .where(of_them, LedgerLine.account == Account.REFUNDS)
        .group_by(LedgerLine.donation_id)
    )
    refunded = {donation_id: int(amount) for donation_id, amount in sums}
    return [
        DonationRecord.model_validate(donation).model_copy(
            update={"amount_refunded": refunded.get(donation.id, 0)}
        )
        for donation in donations
    ]
