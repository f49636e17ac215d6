"""The baseline for `POST /donations`: plain FastAPI and SQLAlchemy, with the same two rows."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from amply.donations.models import Donation
from amply.outbox.models import OutboxMessage

_URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
engine = create_async_engine(_URL, pool_size=5, max_overflow=5)
sessions = async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Close the pool at the end."""
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


class DonationIn(BaseModel):
    """A donation."""

    amount: int
    currency: str
    donor_email: str
    donor_name: str | None = None


class DonationOut(BaseModel):
    """The stored donation."""

    id: str
    amount: int
    currency: str
    status: str
    created_at: datetime


@app.post("/donations", status_code=201)
async def create_donation(donation_in: DonationIn) -> DonationOut:
    """Store a donation."""
    donation = Donation(
        id=f"don_{secrets.token_hex(12)}",
        payment_method="pm_card_visa",
        **donation_in.model_dump(),
    )
    message = OutboxMessage(task="charge", arguments={"donation_id": donation.id})
    async with sessions.begin() as session:
        session.add_all([donation, message])
    return DonationOut.model_validate(donation, from_attributes=True)
