"""Staff's routes: list donations, and refund one."""

import logging
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, func, select, tuple_

from amply.api.cursors import Cursor, Instant, Position
from amply.api.problems import documented
from amply.api.resources import Shared
from amply.api.schemas import Campaign, DonationId, DonationPage, DonationRecord
from amply.api.staff import Refunder, Staff
from amply.donations.models import Donation, Status
from amply.donations.refunds import request_refund

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
    more = len(donations) > filters.limit
    return DonationPage(
        donations=[DonationRecord.model_validate(donation) for donation in shown],
        next_cursor=Position(shown[-1].created_at, shown[-1].id).written() if more else None,
    )


@router.post(
    "/{donation_id}/refund", status_code=202, responses=documented(401, 403, 404, 409, 422, 503)
)
async def refund_donation(
    donation_id: DonationId, resources: Shared, key: Refunder
) -> DonationRecord:
    """Request the refund of a donation. A task makes it; a second request changes nothing."""
    async with resources.sessions.begin() as session:
        message = await session.run_sync(request_refund, donation_id)
        donation = await session.get(Donation, donation_id)
    if donation is None:
        raise HTTPException(404, f"No donation {donation_id}")
    if message is not None:
        logger.info("Refund requested", extra={"donation_id": donation_id, "api_key": key.name})
        resources.relay.send_soon(message)
    elif donation.refund_requested_at is None and donation.status != Status.REFUNDED:
        raise HTTPException(409, f"The donation is {donation.status}: there is nothing to refund")
    return DonationRecord.model_validate(donation)


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
