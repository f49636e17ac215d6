"""Staff's routes about donors: find one, and export what is kept about one."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, func, or_, select

from amply.api.http.authentication import Staff
from amply.api.http.problems import documented
from amply.api.http.resources import Shared
from amply.api.records import records_of
from amply.api.schemas import DonationRecord, ReceiptRecord
from amply.donations.erasure import ERASED_EMAIL
from amply.donations.models import Donation
from amply.donations.receipt import Receipt
from amply.ledger.models import LedgerLine
from amply.reconciliation.models import Dispute
from amply.suppressions.addresses import suppression_of

router = APIRouter(prefix="/donors", tags=["staff"])

_PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
_address = func.lower(Donation.donor_email)


class Search(BaseModel):
    """The donors to find."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[
        str,
        Field(
            min_length=2,
            max_length=200,
            pattern=_PRINTABLE,
            description="A part of the address or of the name, in any case.",
        ),
    ]
    after: Annotated[
        str | None,
        Field(max_length=254, pattern=_PRINTABLE, description="`next_after` of the page before."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 25


class DonorOut(BaseModel):
    """A donor, by their address in lower case."""

    model_config = ConfigDict(from_attributes=True)

    donor_email: str
    donor_name: str | None
    donations: int
    last_donation_at: datetime


class DonorsPage(BaseModel):
    """Some donors, by address."""

    donors: list[DonorOut]
    next_after: str | None = Field(description="Gives the page after this one; null at the end.")


class PostingOut(BaseModel):
    """A line of the ledger; `amount` in minor units, debits positive."""

    model_config = ConfigDict(from_attributes=True)

    donation_id: str | None
    kind: str
    account: str
    amount: int
    currency: str
    occurred_at: datetime


class DisputeOut(BaseModel):
    """A dispute at its last known status."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    donation_id: str | None
    amount: int
    currency: str
    reason: str
    status: str
    opened_at: datetime


class SuppressionOut(BaseModel):
    """Why and since when no mail goes to the address."""

    model_config = ConfigDict(from_attributes=True)

    reason: str
    detail: str | None
    created_at: datetime


class DonorExport(BaseModel):
    """Everything that is kept about a donor."""

    donor_email: str
    donations: list[DonationRecord]
    receipts: list[ReceiptRecord]
    postings: list[PostingOut]
    disputes: list[DisputeOut]
    suppression: SuppressionOut | None


@router.get("", responses=documented(401, 422, 503))
async def find_donors(
    search: Annotated[Search, Query()], resources: Shared, _: Staff
) -> DonorsPage:
    """Find donors by a part of their address or name. It reads all donations."""
    async with resources.sessions() as session:
        rows = (await session.execute(_matching(search))).all()
    shown = [DonorOut.model_validate(row) for row in rows[: search.limit]]
    has_more = len(rows) > search.limit
    return DonorsPage(donors=shown, next_after=shown[-1].donor_email if has_more else None)


@router.get("/export", responses=documented(401, 404, 422, 503))
async def export_donor(
    donor_email: Annotated[str, Query(min_length=3, max_length=254, pattern=_PRINTABLE)],
    resources: Shared,
    _: Staff,
) -> DonorExport:
    """Export everything that is kept about the donor of an address, in any case."""
    address = donor_email.lower()
    is_theirs = (_address == address, Donation.donor_email != ERASED_EMAIL)
    ids = select(Donation.id).where(*is_theirs).scalar_subquery()
    async with resources.sessions() as session:
        donations = await session.scalars(
            select(Donation).where(*is_theirs).order_by(Donation.created_at, Donation.id)
        )
        records = await records_of(session, donations.all())
        suppression = await session.run_sync(suppression_of, address)
        if not records and suppression is None:
            raise HTTPException(404, "Nothing is kept about this address")
        receipts = await session.scalars(select(Receipt).where(Receipt.donation_id.in_(ids)))
        lines = select(LedgerLine).where(LedgerLine.donation_id.in_(ids))
        postings = await session.scalars(lines.order_by(LedgerLine.occurred_at, LedgerLine.posting))
        disputes = await session.scalars(select(Dispute).where(Dispute.donation_id.in_(ids)))
        return DonorExport(
            donor_email=address,
            donations=records,
            receipts=[ReceiptRecord.model_validate(one) for one in receipts],
            postings=[PostingOut.model_validate(one) for one in postings],
            disputes=[DisputeOut.model_validate(one) for one in disputes],
            suppression=SuppressionOut.model_validate(suppression) if suppression else None,
        )


def _matching(search: Search) -> Select[tuple[str, str | None, int, datetime]]:
    """Select one more donor than a page shows, to know whether there is another page."""
    text = search.text.lower()
    matches = or_(
        _address.contains(text, autoescape=True),
        func.lower(Donation.donor_name).contains(text, autoescape=True),
    )
    donors = (
        select(
            _address.label("donor_email"),
            func.max(Donation.donor_name).label("donor_name"),
            func.count().label("donations"),
            func.max(Donation.created_at).label("last_donation_at"),
        )
        .where(matches, Donation.donor_email != ERASED_EMAIL)
        .group_by(_address)
        .order_by(_address)
        .limit(search.limit + 1)
    )
    return donors.where(_address > search.after.lower()) if search.after else donors
