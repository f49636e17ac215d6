"""Donors' routes: give a donation, and read its status."""

import logging

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from amply.api.problems import documented
from amply.api.resources import Shared
from amply.api.schemas import DonationId, DonationIn, DonationOut, IdempotencyKey
from amply.base.errors import KeyUsedOtherwise
from amply.database.base import now
from amply.donations.intake import take
from amply.donations.models import Donation, Status, new_donation_id

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/donations", tags=["donations"])

# https://docs.stripe.com/testing#cards
_TEST_CARD = "pm_card_visa"


@router.post(
    "",
    status_code=201,
    response_model=DonationOut,
    responses=documented(400, 409, 413, 422, 503),
)
async def create_donation(
    donation_in: DonationIn, resources: Shared, idempotency_key: IdempotencyKey
) -> Response:
    """Accept a donation. A task charges it; read it again for the result."""
    live = resources.settings.takes_live_payments
    moment = now()
    given = Donation(
        id=new_donation_id(),
        idempotency_key=idempotency_key,
        amount=donation_in.amount,
        currency=donation_in.currency,
        donor_name=donation_in.donor_name,
        donor_email=donation_in.donor_email,
        campaign=donation_in.campaign,
        message=donation_in.message,
        payment_method=_payment_method(donation_in, live=live),
        status=Status.PENDING,
        attempts=0,
        created_at=moment,
        updated_at=moment,
    )
    try:
        donation, message = await take(resources.engine, given)
    except KeyUsedOtherwise as error:
        raise HTTPException(409, str(error)) from None
    fields = {"donation_id": donation.id, "amount": donation.amount}
    if message is None:
        logger.info("Donation repeated", extra=fields)
        return _as_it_was_taken(donation, {"Idempotent-Replayed": "true"})
    logger.info("Donation created", extra=fields)
    resources.relay.send_soon(message)
    return _as_it_was_taken(donation)


@router.get("/{donation_id}", responses=documented(404, 422, 503))
async def read_donation(donation_id: DonationId, resources: Shared) -> DonationOut:
    """Read a donation."""
    async with resources.sessions() as session:
        donation = await session.get(Donation, donation_id)
    if donation is None:
        raise HTTPException(404, f"No donation {donation_id}")
    return DonationOut.model_validate(donation)


def _as_it_was_taken(donation: Donation, headers: dict[str, str] | None = None) -> Response:
    """Return the first answer about a donation. A repetition gets the same: it never changes."""
    taken = DonationOut(
        id=donation.id,
        amount=donation.amount,
        currency=donation.currency,
        campaign=donation.campaign,
        status=Status.PENDING,
        failure_code=None,
        created_at=donation.created_at,
    )
    return Response(taken.model_dump_json().encode(), 201, headers, "application/json")


def _payment_method(donation_in: DonationIn, *, live: bool) -> str:
    if donation_in.payment_method is None and live:
        raise HTTPException(422, "payment_method: required where live payments are taken")
    return donation_in.payment_method or _TEST_CARD
