"""Problem details of errors, limits of request bodies, and answers while the database is away."""

import logging
from collections.abc import AsyncIterator

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope

from amply.api.app import create_app
from amply.api.http.middleware import LARGEST_BODY
from amply.base.settings import Settings
from tests.amply.support.clients import DONATION, post, serving
from tests.amply.support.services import cut_off, postgresql_database


def _giving(messages: list[Message]) -> Receive:
    async def receive() -> Message:
        return messages.pop(0)

    return receive


async def _refusing(message: Message) -> None:
    raise AssertionError(f"Nobody is there to be sent {message}")


async def test_a_problem_names_its_request(client: httpx.AsyncClient) -> None:
    answer = await client.get("/donations/don_none", headers={"X-Request-ID": "req_1"})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "No donation don_none",
        "request_id": "req_1",
    }


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("DELETE", "/donations")])
async def test_so_do_the_framework_s_own(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    "body",
    [b'{"amount": "\xff"}', b'{"amount": %s}' % (b"[" * 5000), b'{"amount": %s}' % (b"9" * 5000)],
    ids=["not UTF-8", "too deep", "too large a number"],
)
async def test_a_body_that_cannot_be_read_is_a_documented_problem(
    client: httpx.AsyncClient, body: bytes
) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "1"}
    answer = await client.post("/donations", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = (await client.get("/openapi.json")).json()
    assert "400" in document["paths"]["/donations"]["post"]["responses"]


async def test_nobody_is_sent_elsewhere_for_a_slash(client: httpx.AsyncClient) -> None:
    answer = await client.post("/donations/", json=DONATION)
    assert answer.status_code == 404


async def test_a_wrong_method_is_told_the_right_ones(client: httpx.AsyncClient) -> None:
    assert (await client.delete("/donations")).headers["Allow"] == "GET, POST"


async def test_a_large_body_is_refused_however_it_comes(client: httpx.AsyncClient) -> None:
    large = b" " * (LARGEST_BODY + 1)

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 1000):
            yield large[start : start + 1000]

    for path in ("/donations", "/webhooks/stripe"):
        for content in (large, in_pieces()):
            headers = {"Content-Type": "application/json", "Stripe-Signature": "t=1,v1=0"}
            answer = await client.post(path, content=content, headers=headers)
            assert answer.status_code == 413, answer.text


async def test_an_amount_in_a_currency_without_fractions_is_whole(
    client: httpx.AsyncClient,
) -> None:
    async def status(amount: int, currency: str) -> int:
        body = {**DONATION, "amount": amount, "currency": currency}
        return (await post(client, body)).status_code

    assert [await status(550, "ISK"), await status(500, "ISK")] == [422, 201]
    assert await status(551, "JPY") == 201


async def test_without_its_database_it_says_so(stripe_address: str) -> None:
    with postgresql_database() as url:
        gone = create_app(Settings(database_url=url, stripe_api_base=stripe_address))
        async with serving(gone) as client:
            assert (await client.get("/health")).status_code == 200
            cut_off(url)
            answer = await post(client, DONATION)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
            assert (await client.get("/health/live")).status_code == 200
            assert (await client.get("/health")).status_code == 503


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_will_not_pass_is_no_outage(
    client: httpx.AsyncClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("ALTER TABLE donations ALTER COLUMN donor_email TYPE varchar(3)")
    answer = await post(client, DONATION)
    assert answer.status_code == 500
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert told.exc_info is not None
    assert "value too long" in str(told.exc_info[1])


async def test_a_client_that_leaves_is_no_error(
    app: FastAPI, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "amply")
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/webhooks/stripe",
        "query_string": b"",
        "headers": [(b"stripe-signature", b"t=1,v1=0")],
    }
    begun: Message = {"type": "http.request", "body": b"{", "more_body": True}
    await app(scope, _giving([begun, {"type": "http.disconnect"}]), _refusing)
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert said == [
        ("INFO", "Client gone before its request was read"),
        ("INFO", "Request handled"),
    ]
