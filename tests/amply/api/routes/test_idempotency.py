"""A request repeated under its Idempotency-Key creates one donation."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from amply.donations.models import Donation
from tests.amply.support.clients import DONATION, settled

KEY = {"Idempotency-Key": "6f1c9d1e-7b0a-4b57-9a3f-0c8f7a5d2e11"}
WHOLE = {**DONATION, "donor_name": "Ada King", "campaign": "winter-2026", "message": "For Charles"}


async def post(client: httpx.AsyncClient, body: dict[str, Any] = WHOLE) -> httpx.Response:
    return await client.post("/donations", json=body, headers=KEY)


def count(sessions: sessionmaker[Session]) -> int | None:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(Donation))


async def test_a_repetition_gets_the_same_answer_byte_for_byte(
    client: httpx.AsyncClient, app: FastAPI, sessions: sessionmaker[Session]
) -> None:
    first = await post(client)
    assert "Idempotent-Replayed" not in first.headers
    found = await settled(client, app, first.json()["id"])
    assert found["status"] == "succeeded"  # which the repetition does not tell

    again = await post(client)

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count(sessions) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 5001},
        {"currency": "USD"},
        {"donor_email": "charles@example.org"},
        {"donor_name": None},
        {"campaign": "other"},
        {"message": "Other"},
        {"payment_method": "pm_card_mastercard"},
    ],
)
async def test_another_body_under_the_same_key_is_a_conflict(
    client: httpx.AsyncClient, sessions: sessionmaker[Session], other: dict[str, Any]
) -> None:
    await post(client)
    answer = await post(client, {**WHOLE, **other})
    assert answer.status_code == 409
    assert count(sessions) == 1


async def test_of_many_at_once_one_is_taken_and_all_get_its_answer(
    client: httpx.AsyncClient, sessions: sessionmaker[Session]
) -> None:
    answers = await asyncio.gather(*(post(client) for _ in range(8)))
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (201, answers[0].content)
    }
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert count(sessions) == 1


async def test_what_was_refused_did_not_use_up_its_key(client: httpx.AsyncClient) -> None:
    assert (await post(client, {**WHOLE, "amount": 1})).status_code == 422
    assert (await post(client)).status_code == 201


@pytest.mark.parametrize("body", [WHOLE, {}])
async def test_a_request_without_a_key_is_refused(
    client: httpx.AsyncClient, sessions: sessionmaker[Session], body: dict[str, Any]
) -> None:
    """A donor who gets 503 and retries without a key would be charged twice."""
    answer = await client.post("/donations", json=body)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("Idempotency-Key: required")
    assert count(sessions) == 0


async def test_the_document_requires_the_key(client: httpx.AsyncClient) -> None:
    operation = (await client.get("/openapi.json")).json()["paths"]["/donations"]["post"]
    (header,) = [p for p in operation["parameters"] if p["name"] == "Idempotency-Key"]
    assert header["required"] is True


@pytest.mark.parametrize("key", ["", "two words", "x" * 256])
async def test_a_key_out_of_bounds_is_refused(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post("/donations", json=WHOLE, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "header.Idempotency-Key"
