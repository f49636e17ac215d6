"""Staff's routes about donations: list them, refund one or a part, send a receipt again."""

import logging
from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from amply.api.http.authentication import Refunder, Staff, Supporter
from amply.api.http.cursors import Cursor, Instant, Position
from amply.api.http.problems import documented
from amply.api.http.resources import Shared
from amply.api.records import records_of
from amply.api.schemas import (
    Campaign,
    DonationId,
    DonationPage,
    DonationRecord,
    ReceiptRecord,
    RefundIn,
    StaffsKey,
)
from amply.base.money import written
from amply.donations.erasure import ERASED_EMAIL
from amply.donations.models import Donation, Status
from amply.donations.receipt import Receipt
from amply.donations.refunds import request_refund
from amply.receipts.resending import resend
from amply.suppressions.addresses import suppression_of

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/donations", tags=["staff"])


class Filters(BaseModel):
    """The donations to show."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    campaign: Campaign | None = None
    donor_email: Annotated[str, Field(min_length=3, max_length=254)] | None = None
    created_from: Instant | None = None
    created_before: Instant | None = None
    cursor: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 25


@router.get("", responses=documented(401, 422, 503))
async def list_donations(
    filters: Annotated[Filters, Query()], resources: Shared, _: Staff
) -> DonationPage:
    """List donations, newest first."""
    async with resources.sessions() as session:
        donations = list(await session.scalars(_matching(filters)))
        shown = donations[: filters.limit]
        records = await records_of(session, shown)
    more = len(donations) > filters.limit
    return DonationPage(
        donations=records,
        next_cursor=Position(shown[-1].created_at, shown[-1].id).written() if more else None,
    )


@router.post(
    "/{donation_id}/refund",
    status_code=202,
    responses=documented(400, 401, 403, 404, 408, 409, 413, 422, 503),
)
async def refund_donation(
    donation_id: DonationId,
    resources: Shared,
    key: Refunder,
    part: Annotated[RefundIn | None, Body()] = None,
    idempotency_key: StaffsKey = None,
) -> DonationRecord:
    """Request the refund of a donation, or of a part of it. A task makes it.

    A second request for the whole, or with the key of the last one, changes nothing.
    """
    amount = part.amount if part else None
    async with resources.sessions.begin() as session:
        donation = await _donation(session, donation_id)
        if amount is not None and idempotency_key is None:
            raise HTTPException(400, "Idempotency-Key: required to refund a part")
        message = await session.run_sync(request_refund, donation_id, amount, idempotency_key)
        await session.refresh(donation)
        (record,) = await records_of(session, [donation])
    if message is not None:
        fields = {"donation_id": donation_id, "amount": amount, "api_key": key.name}
        logger.info("Refund requested", extra=fields)
        resources.relay.send_soon(message)
    elif not _was_requested(donation, amount, idempotency_key):
        raise HTTPException(409, _why_not(record, amount))
    return record


@router.post(
    "/{donation_id}/receipt", status_code=202, responses=documented(401, 403, 404, 409, 422, 503)
)
async def resend_receipt(
    donation_id: DonationId, resources: Shared, key: Supporter
) -> ReceiptRecord:
    """Send a donation's receipt again. A second request within ten minutes changes nothing."""
    async with resources.sessions.begin() as session:
        donation = await _donation(session, donation_id)
        suppression = await session.run_sync(suppression_of, donation.donor_email)
        if suppression is not None:
            raise HTTPException(409, f"No mail goes to this address: {suppression.reason}")
        message = await session.run_sync(resend, donation_id)
        receipt = await session.get(Receipt, donation_id)
    if receipt is None or donation.status != Status.SUCCEEDED:
        raise HTTPException(409, f"The donation is {donation.status}: it has no receipt")
    if donation.donor_email == ERASED_EMAIL:
        raise HTTPException(409, "The donor was erased: there is no address")
    if message is not None:
        fields = {"donation_id": donation_id, "api_key": key.name}
        logger.info("Receipt requested again", extra=fields)
        resources.relay.send_soon(message)
    return ReceiptRecord.model_validate(receipt)


async def _donation(session: AsyncSession, donation_id: str) -> Donation:
    donation = await session.get(Donation, donation_id)
    if donation is None:
        raise HTTPException(404, f"No donation {donation_id}")
    return donation


def _was_requested(donation: Donation, amount: int | None, key: str | None) -> bool:
    """Return True if this is a request that was taken before."""
    if key is not None and donation.refund_key == key:
        return True
    if amount is not None or donation.refund_amount is not None:
        return False
    return donation.refund_requested_at is not None or donation.status == Status.REFUNDED


def _why_not(record: DonationRecord, amount: int | None) -> str:
    left = record.amount - record.amount_refunded
    if record.status == Status.SUCCEEDED and record.refund_requested_at is not None:
        return "A refund is in progress; request another once it is made"
    if record.status == Status.SUCCEEDED and amount is not None and amount > left:
        return f"Only {written(left, record.currency)} is left to refund"
    return f"The donation is {record.status}: there is nothing to refund"


def _matching(filters: Filters) -> Select[Donation]:
    """Select the donations of a page, and one more that shows whether another page follows."""
    statement = select(Donation)
    if filters.status is not None:
        statement = statement.where(Donation.status == filters.status)
    if filters.campaign is not None:
        statement = statement.where(Donation.campaign == filters.campaign)
    if filters.donor_email is not None:
        email = filters.donor_email.lower()
        statement = statement.where(func.lower(Donation.donor_email) == email)
    if filters.created_from is not None:
        statement = statement.where(Donation.created_at >= filters.created_from)
    if filters.created_before is not None:
        statement = statement.where(Donation.created_at < filters.created_before)
    if filters.cursor is not None:
        after = Position.read(filters.cursor)
        statement = statement.where(
            tuple_(Donation.created_at, Donation.id) < tuple_(after.created_at, after.id)
        )
    return statement.order_by(Donation.created_at.desc(), Donation.id.desc()).limit(
        filters.limit + 1
    )
