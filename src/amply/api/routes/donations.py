"""Donors' routes: give a donation, and read its status."""

import logging

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import Response

from amply.api.http.limits import limit_address
from amply.api.http.problems import documented
from amply.api.http.resources import Shared
from amply.api.pages import page_for
from amply.api.schemas import DonationId, DonationIn, DonationOut, DonationTaken, IdempotencyKey
from amply.base.errors import KeyUsedOtherwise
from amply.database.base import now
from amply.donations.intake import take
from amply.donations.models import Donation, Flow, Status, new_donation_id
from amply.payments.pages import Page

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/donations", tags=["donations"])


@router.post(
    "",
    status_code=201,
    response_model=DonationTaken,
    responses=documented(400, 408, 409, 413, 422, 429, 503),
    dependencies=[Depends(limit_address)],
)
async def create_donation(
    donation_in: DonationIn, resources: Shared, idempotency_key: IdempotencyKey
) -> Response:
    """Accept a donation, and return where the donor pays. The result is in a later GET."""
    try:
        taken = await take(resources.engine, _given(donation_in, idempotency_key))
    except KeyUsedOtherwise as error:
        raise HTTPException(409, str(error)) from None
    donation = taken.donation
    fields = {"donation_id": donation.id, "amount": donation.amount, "flow": donation.flow}
    logger.info("Donation created" if taken.is_new else "Donation repeated", extra=fields)
    if taken.message is not None:
        resources.relay.send_soon(taken.message)
    page = await page_for(resources, donation) if donation.flow != Flow.SAVED else None
    headers = None if taken.is_new else {"Idempotent-Replayed": "true"}
    return _as_it_was_taken(donation, page, headers)


@router.get("/{donation_id}", responses=documented(404, 422, 503))
async def read_donation(donation_id: DonationId, resources: Shared) -> DonationOut:
    """Read a donation."""
    async with resources.sessions() as session:
        donation = await session.get(Donation, donation_id)
    if donation is None:
        raise HTTPException(404, f"No donation {donation_id}")
    return DonationOut.model_validate(donation)


def _given(donation_in: DonationIn, idempotency_key: str) -> Donation:
    moment = now()
    flow = Flow.SAVED if donation_in.payment_method else Flow(donation_in.flow)
    return Donation(
        id=new_donation_id(),
        idempotency_key=idempotency_key,
        amount=donation_in.amount,
        currency=donation_in.currency,
        donor_name=donation_in.donor_name,
        donor_email=donation_in.donor_email,
        campaign=donation_in.campaign,
        message=donation_in.message,
        flow=flow,
        payment_method=donation_in.payment_method,
        status=_first_status(flow),
        attempts=0,
        created_at=moment,
        updated_at=moment,
    )


def _first_status(flow: str) -> Status:
    return Status.PENDING if flow == Flow.SAVED else Status.AWAITING


def _as_it_was_taken(
    donation: Donation, page: Page | None, headers: dict[str, str] | None
) -> Response:
    """Return the first answer about a donation, for a repeated request."""
    taken = DonationTaken(
        id=donation.id,
        amount=donation.amount,
        currency=donation.currency,
        campaign=donation.campaign,
        status=_first_status(donation.flow),
        failure_code=None,
        created_at=donation.created_at,
        checkout_url=page.url if page else None,
        client_secret=page.client_secret if page else None,
    )
    return Response(taken.model_dump_json().encode(), 201, headers, "application/json")
