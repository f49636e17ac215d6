"""Donations: take one, and see what came of it."""

import logging
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from amply.api.resources import Shared
from amply.donations.models import Donation, Status, new_donation_id
from amply.jobs.names import CHARGE_DONATION
from amply.logs import bound_identifier
from amply.money import Amount, Currency
from amply.outbox.models import OutboxMessage

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/donations", tags=["donations"])

# https://docs.stripe.com/testing#cards
_TEST_CARD = "pm_card_visa"


class DonationIn(BaseModel):
    """A donation as a donor gives it."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount
    currency: Currency
    donor_email: Annotated[
        str,
        Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", examples=["ada@example.org"]),
    ]
    payment_method: Annotated[
        str | None,
        Field(
            pattern="^pm_[A-Za-z0-9_]+$",
            max_length=255,
            description="Stripe's PaymentMethod, as Stripe.js gives it to the donor's browser. "
            "Where no live payments are taken, a test card when left out.",
        ),
    ] = None


class DonationOut(BaseModel):
    """A donation as anyone who knows its identifier may see it: without the donor."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(examples=["don_0123456789abcdef01234567"])
    amount: int
    currency: str
    status: Status
    failure_code: str | None
    created_at: datetime


@router.post("", status_code=201)
async def create_donation(donation_in: DonationIn, resources: Shared) -> DonationOut:
    """Take a donation. It is charged soon after; ask for it again to see what came of that."""
    donation = Donation(
        id=new_donation_id(),
        amount=donation_in.amount,
        currency=donation_in.currency,
        donor_email=donation_in.donor_email,
        payment_method=_payment_method(donation_in, live=resources.settings.takes_live_payments),
    )
    message = OutboxMessage(
        task=CHARGE_DONATION,
        arguments={"donation_id": donation.id},
        request_id=bound_identifier("request_id"),
    )
    async with resources.sessions.begin() as session:
        session.add_all([donation, message])
    logger.info("Donation created", extra={"donation_id": donation.id, "amount": donation.amount})
    resources.relay.send_soon(message)
    return DonationOut.model_validate(donation)


@router.get("/{donation_id}", responses={404: {"description": "No such donation"}})
async def read_donation(donation_id: str, resources: Shared) -> DonationOut:
    """See a donation."""
    async with resources.sessions() as session:
        donation = await session.get(Donation, donation_id)
    if donation is None:
        raise HTTPException(404, detail=f"No donation {donation_id[:64]}")
    return DonationOut.model_validate(donation)


def _payment_method(donation_in: DonationIn, *, live: bool) -> str:
    if donation_in.payment_method is None and live:
        raise HTTPException(422, detail="payment_method: required where live payments are taken")
    return donation_in.payment_method or _TEST_CARD
