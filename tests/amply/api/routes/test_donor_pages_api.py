"""Donors who pay on a page, through the API, against the embedded Stripe."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
import stripe
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker

from amply.api.app import create_app
from amply.base.settings import Settings
from amply.database.leases import Attempt
from amply.donations.models import Donation
from amply.donations.pages import look_at_pages
from amply.payments.stripe_pages import StripePages
from amply.payments.stripe_requests import stripe_client
from tests.amply.donations.test_pages import HALF_AN_HOUR, Sessions
from tests.amply.support.clients import DONATION, ON_A_PAGE, donate, post, serving, settled
from tests.amply.support.stripe.events import tell

STRANGER = ("203.0.113.9", 1)


@pytest.fixture
def client_of_stripe(stripe_address: str) -> stripe.StripeClient:
    return stripe_client("sk_test_1", stripe_address)


async def intend(client: httpx.AsyncClient, **fields: object) -> dict[str, Any]:
    answer = await post(client, {**ON_A_PAGE, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def press(stripe_address: str, path: str, **choice: str) -> httpx.Response:
    return httpx.post(f"{stripe_address}{path}", data=choice)


def charges_for(client: stripe.StripeClient, donation_id: str) -> list[str]:
    """Return the statuses of all payments of a donation."""
    query = f"metadata['donation_id']:'{donation_id}'"
    return [one.status for one in client.v1.payment_intents.search({"query": query}).data]


def at_once(sessions: sessionmaker[Session], client: stripe.StripeClient) -> None:
    """Run the task that checks all donors' pages now."""
    look_at_pages(sessions, StripePages(client, None), HALF_AN_HOUR * 0, Attempt(60))


async def test_checkout_is_paid_once_however_often_the_donor_returns(
    client: httpx.AsyncClient,
    stripe_address: str,
    client_of_stripe: stripe.StripeClient,
    sessions: Sessions,
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first = await post(client, ON_A_PAGE, headers)
    again = await post(client, ON_A_PAGE, headers)
    assert again.json() == first.json()
    assert (first.json()["status"], again.headers["Idempotent-Replayed"]) == ("awaiting", "true")
    url, donation_id = first.json()["checkout_url"], first.json()["id"]
    path = url.removeprefix(stripe_address)
    for _ in range(2):
        press(stripe_address, path, card="pm_card_visa")
    assert charges_for(client_of_stripe, donation_id) == ["succeeded"]
    at_once(sessions, client_of_stripe)
    donation = (await client.get(f"/donations/{donation_id}")).json()
    assert (donation["status"], "checkout_url" in donation) == ("succeeded", False)
    paid = await post(client, ON_A_PAGE, headers)
    assert (paid.status_code, paid.json()["checkout_url"]) == (201, None)


async def test_what_stripe_is_told(
    client: httpx.AsyncClient, stripe_address: str, client_of_stripe: stripe.StripeClient
) -> None:
    donation = await intend(client)
    session_id = donation["checkout_url"].rpartition("/")[2]
    session = client_of_stripe.v1.checkout.sessions.retrieve(session_id)
    assert (session.amount_total, session.currency) == (5000, "eur")
    assert (session.submit_type, session.customer_email) == ("donate", "ada@example.org")
    assert session.success_url == f"{stripe_address}/returned?donation={donation['id']}"
    press(stripe_address, f"/pay/{session_id}", card="pm_card_visa")
    (charge,) = client_of_stripe.v1.charges.list(
        {"payment_intent": _intent_of(client_of_stripe, session_id)}
    ).data
    assert charge.metadata["donation_id"] == donation["id"]
    assert charge.statement_descriptor_suffix == "DONATION"


def _intent_of(client: stripe.StripeClient, session_id: str) -> str:
    intent = client.v1.checkout.sessions.retrieve(session_id).payment_intent
    return str(intent)


async def test_a_page_of_the_charitys_own(
    client: httpx.AsyncClient,
    stripe_address: str,
    client_of_stripe: stripe.StripeClient,
    sessions: Sessions,
) -> None:
    donation = await intend(client, flow="elements")
    assert donation["checkout_url"] is None
    press(stripe_address, f"/pay/{donation['client_secret']}", card="pm_card_visa")
    at_once(sessions, client_of_stripe)
    donation = (await client.get(f"/donations/{donation['id']}")).json()
    assert (donation["status"], donation.get("client_secret")) == ("succeeded", None)


@pytest.mark.parametrize(("answer", "status"), [("agree", "succeeded"), ("refuse", "awaiting")])
async def test_a_saved_card_whose_bank_asks(
    client: httpx.AsyncClient,
    app: FastAPI,
    stripe_address: str,
    client_of_stripe: stripe.StripeClient,
    sessions: Sessions,
    answer: str,
    status: str,
) -> None:
    donation = await donate(client, payment_method="pm_card_authenticationRequired")
    assert (await settled(client, app, donation["id"]))["status"] == "awaiting"
    assert charges_for(client_of_stripe, donation["id"]) == ["canceled"]
    with sessions() as session:
        page_id = session.get_one(Donation, donation["id"]).page_id
    bank = press(stripe_address, f"/pay/{page_id}", card="pm_card_authenticationRequired")
    press(stripe_address, bank.headers["Location"], answer=answer)
    at_once(sessions, client_of_stripe)
    assert (await client.get(f"/donations/{donation['id']}")).json()["status"] == status


async def test_without_stripe_the_donor_may_ask_again(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    away = {"stripe_api_base": "http://127.0.0.1:1"}
    headers = {"Idempotency-Key": str(uuid4())}
    async with serving(create_app(settings.model_copy(update=away))) as cut_off:
        answer = await post(cut_off, ON_A_PAGE, headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    answer = await post(client, ON_A_PAGE, headers)
    assert answer.json()["checkout_url"]


async def test_an_expired_session_ends_the_donation(webhook: httpx.AsyncClient) -> None:
    donation = await intend(webhook)
    about = {
        "object": "checkout.session",
        "id": "cs_of_nobody",
        "payment_intent": None,
        "metadata": {"donation_id": donation["id"]},
    }
    event = {"id": "evt_x1", "type": "checkout.session.expired", "data": {"object": about}}
    assert await tell(webhook, event) == 204
    state = (await webhook.get(f"/donations/{donation['id']}")).json()
    assert state["status"] == "awaiting"  # it was another session
    about["id"] = donation["checkout_url"].rpartition("/")[2]
    assert await tell(webhook, {**event, "id": "evt_x2"}) == 204
    state = (await webhook.get(f"/donations/{donation['id']}")).json()
    assert (state["status"], state["failure_code"]) == ("failed", "payment_expired")


async def test_a_declined_card_on_the_page_fails_nothing(webhook: httpx.AsyncClient) -> None:
    donation = await intend(webhook)
    about = {
        "object": "payment_intent",
        "id": "pi_x",
        "metadata": {"donation_id": donation["id"]},
        "last_payment_error": {"code": "card_declined", "decline_code": "lost_card"},
    }
    event = {"id": "evt_y1", "type": "payment_intent.payment_failed", "data": {"object": about}}
    assert await tell(webhook, event) == 204
    state = (await webhook.get(f"/donations/{donation['id']}")).json()
    assert state["status"] == "awaiting"


@pytest.mark.parametrize(
    ("field", "reason"),
    [({"livemode": True}, "live mode"), ({"account": "acct_2"}, "another account")],
)
async def test_an_event_of_the_other_mode_or_account_is_refused(
    webhook: httpx.AsyncClient,
    caplog: pytest.LogCaptureFixture,
    field: dict[str, object],
    reason: str,
) -> None:
    event = {"id": "evt_z", "type": "charge.refunded", "data": {"object": {}}, **field}
    assert await tell(webhook, event) == 400
    (line,) = [line for line in caplog.records if line.message == "Event refused"]
    assert reason in vars(line)["reason"]
    assert await tell(webhook, {**event, "livemode": False, "account": None}) == 204


async def test_a_stranger_may_not_try_for_ever(app: FastAPI) -> None:
    class Two:
        def __init__(self) -> None:
            self.left = 2

        def admits(self, subject: str) -> bool:
            assert subject == STRANGER[0]
            self.left -= 1
            return self.left >= 0

    transport = httpx.ASGITransport(app, client=STRANGER)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://amply") as client,
    ):
        object.__setattr__(app.state.resources, "addresses", Two())
        statuses = [(await post(client, DONATION)).status_code for _ in range(3)]
        limited = await post(client, DONATION)
    assert statuses == [201, 201, 429]
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "600")


async def test_pages_of_listed_origins_may_call(settings: Settings) -> None:
    listed = settings.model_copy(update={"cors_origins": "https://give.example.org"})
    async with serving(create_app(listed)) as client:
        allowed = [
            (await _preflight(client, origin)).headers.get("Access-Control-Allow-Origin")
            for origin in ("https://give.example.org", "https://evil.example")
        ]
    assert allowed == ["https://give.example.org", None]


async def test_no_origin_is_listed_by_itself(client: httpx.AsyncClient) -> None:
    answer = await _preflight(client, "https://give.example.org")
    assert "Access-Control-Allow-Origin" not in answer.headers


async def _preflight(client: httpx.AsyncClient, origin: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "idempotency-key,content-type",
    }
    return await client.options("/donations", headers=headers)
