"""Creating a donation over HTTP, on SQLite and on PostgreSQL; the API runs its own tasks."""

import logging

import httpx
import pytest
from fastapi import FastAPI

from amply.api.app import create_app
from amply.base.settings import Settings
from tests.amply.support.clients import DONATION, donate, post, serving, settled


async def test_a_donation_is_answered_at_once_and_charged_after(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    donation = await donate(client)
    assert donation["id"].startswith("don_")
    assert (donation["status"], donation["currency"]) == ("pending", "EUR")

    found = await settled(client, app, donation["id"])

    assert (donation.pop("checkout_url"), donation.pop("client_secret")) == (None, None)
    assert found == {**donation, "status": "succeeded"}


async def test_a_declined_card_fails_the_donation_and_tells_nobody_why(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    donation = await donate(client, payment_method="pm_card_chargeDeclinedExpiredCard")
    found = await settled(client, app, donation["id"])
    assert (found["status"], found["failure_code"]) == ("failed", "declined")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", 49),
        ("amount", 100_000_000),
        ("amount", 50.5),
        ("amount", "5000"),
        ("currency", "EURO"),
        ("currency", "XXX"),
        ("donor_email", "nobody"),
        ("donor_email", "a@b..c"),
        ("donor_email", "a@b"),
        ("donor_email", "a..b@example.org"),
        ("donor_email", ".a@example.org"),
        ("donor_email", "a@-b.org"),
        ("donor_email", "a@b-.org"),
        ("donor_email", "ä@example.org"),
        ("donor_email", "a@b.org, c@d.org"),
        ("donor_email", "a@b.o"),
        ("donor_email", "a" * 250 + "@b.org"),
        ("payment_method", "card"),
        ("donor_name", "Ada\nKing"),
        ("donor_name", "Ada\0"),
        ("donor_name", ""),
        ("campaign", "Winter 2026"),
        ("message", "\x1b[2J"),
        ("message", "x" * 1001),
        ("unknown", "anything"),
    ],
)
async def test_what_is_out_of_bounds_is_refused(
    client: httpx.AsyncClient, field: str, value: object
) -> None:
    answer = await post(client, {**DONATION, field: value})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == f"body.{field}"
    assert "ada@example.org" not in answer.text


async def test_an_unknown_donation_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/donations/don_none")).status_code == 404


async def test_the_page_s_line_is_logged(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        donation = await donate(client)
    (line,) = [record for record in caplog.records if record.message == "Donation created"]
    assert (line.name, line.levelname) == ("amply.api.routes.donations", "INFO")
    logged = vars(line)
    assert (logged["donation_id"], logged["amount"]) == (donation["id"], 5000)


async def test_a_well_formed_request_id_is_kept(client: httpx.AsyncClient) -> None:
    answer = await client.get("/donations/none", headers={"X-Request-ID": "req_xyz789"})
    assert answer.headers["X-Request-ID"] == "req_xyz789"


@pytest.mark.parametrize("given", [None, "", "two words", "a" * 65, '{"a": 1}'])
async def test_any_other_is_replaced(client: httpx.AsyncClient, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    answer = await client.get("/donations/none", headers=headers)
    assert answer.headers["X-Request-ID"].startswith("req_")
    assert answer.headers["X-Request-ID"] != given


async def test_an_error_of_ours_is_answered_without_a_traceback(
    app: FastAPI, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/broken")
    async def broken() -> None:
        msg = "secret detail"
        raise RuntimeError(msg)

    answer = await client.get("/broken")

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert "secret detail" not in answer.text
    assert any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    "address", ["o'brien+gift@mail.example.co.uk", "a.b@xn--bcher-kva.example", "a@1.example"]
)
async def test_an_address_that_ses_accepts_is_taken(
    client: httpx.AsyncClient, address: str
) -> None:
    assert (await post(client, {**DONATION, "donor_email": address})).status_code == 201


@pytest.mark.parametrize(
    ("environment", "status"), [("development", 200), ("staging", 200), ("production", 404)]
)
async def test_the_pages_about_the_api_are_closed_in_production(
    settings: Settings, environment: str, status: int
) -> None:
    app = create_app(settings.model_copy(update={"environment": environment}))
    async with serving(app) as client:
        answers = [await client.get(path) for path in ("/docs", "/redoc", "/openapi.json")]
    assert [answer.status_code for answer in answers] == [status] * 3
