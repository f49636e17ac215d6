"""HTTP clients for a started application in tests, and the requests that they send."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

ON_A_PAGE: dict[str, Any] = {"amount": 5000, "currency": "eur", "donor_email": "ada@example.org"}
DONATION = {**ON_A_PAGE, "payment_method": "pm_card_visa"}


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Start an application in this process for the length of a block; yield a client."""
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://amply") as client,
    ):
        yield client


async def post(
    client: httpx.AsyncClient, body: dict[str, Any], headers: dict[str, str] | None = None
) -> httpx.Response:
    """Post a donation, with a new Idempotency-Key unless the headers have one."""
    headers = {"Idempotency-Key": str(uuid4()), **(headers or {})}
    return await client.post("/donations", json=body, headers=headers)


async def donate(client: httpx.AsyncClient, **fields: object) -> dict[str, Any]:
    """Create a donation."""
    answer = await post(client, {**DONATION, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def settled(client: httpx.AsyncClient, app: FastAPI, donation_id: str) -> dict[str, Any]:
    """Return the donation once all running tasks have ended."""
    await app.state.resources.relay.idle()
    return dict((await client.get(f"/donations/{donation_id}")).json())
