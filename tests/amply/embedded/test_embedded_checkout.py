"""The payment page of the embedded Stripe, on which a person acts as the donor."""

import re
from collections.abc import Iterator

import httpx
import pytest
import stripe

from amply.embedded.stripe.process import running_in_thread
from tests.amply.support.stripe.types import faults

OPEN: stripe.params.checkout.SessionCreateParams = {
    "mode": "payment",
    "line_items": [
        {
            "price_data": {
                "currency": "eur",
                "unit_amount": 5000,
                "product_data": {"name": "Donation"},
            },
            "quantity": 1,
        }
    ],
    "payment_intent_data": {"metadata": {"donation_id": "don_1"}},
    "success_url": "http://charity.example/thanks",
    "cancel_url": "http://charity.example/",
}


@pytest.fixture
def address() -> Iterator[str]:
    """A Stripe without any payments."""
    with running_in_thread() as address:
        yield address


@pytest.fixture
def client(address: str) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_1", base_addresses={"api": address}, max_network_retries=0)


@pytest.fixture
def browser(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as browser:
        yield browser


def opened(client: stripe.StripeClient) -> stripe.checkout.Session:
    return client.v1.checkout.sessions.create(OPEN)


def press(browser: httpx.Client, url: str, **choice: str) -> httpx.Response:
    """Load a page, check that it has the button, and press it."""
    page = browser.get(url)
    ((name, value),) = choice.items()
    assert f'name="{name}" value="{value}"' in page.text
    (action,) = re.findall('action="([^"]+)"', page.text)
    return browser.post(action, data=choice)


def state(client: stripe.StripeClient, session: stripe.checkout.Session) -> tuple[str | None, str]:
    now = client.v1.checkout.sessions.retrieve(session.id)
    assert faults(dict(now.to_dict())) == []
    return now.status, now.payment_status


def test_a_donor_pays_once(client: stripe.StripeClient, browser: httpx.Client) -> None:
    session = opened(client)
    assert session.payment_intent is None
    answer = press(browser, str(session.url), card="pm_card_visa")
    assert (answer.status_code, answer.headers["Location"]) == (303, OPEN["success_url"])
    assert state(client, session) == ("complete", "paid")
    assert "all done" in browser.get(str(session.url)).text
    again = browser.post(f"/pay/{session.id}", data={"card": "pm_card_visa"})
    assert "all done" in again.text
    (intent,) = client.v1.payment_intents.list().data
    assert (intent.status, intent.metadata["donation_id"]) == ("succeeded", "don_1")
    kinds = [event.type for event in client.v1.events.list().data]
    assert kinds[:2] == ["checkout.session.completed", "payment_intent.succeeded"]


def test_a_declined_card_leaves_the_page_open(
    client: stripe.StripeClient, browser: httpx.Client
) -> None:
    session = opened(client)
    page = press(browser, str(session.url), card="pm_card_chargeDeclined")
    assert "Your card was declined." in page.text
    assert state(client, session) == ("open", "unpaid")
    press(browser, str(session.url), card="pm_card_visa")
    assert state(client, session) == ("complete", "paid")
    assert len(client.v1.payment_intents.list().data) == 1


@pytest.mark.parametrize(
    ("answer", "status"), [("agree", ("complete", "paid")), ("refuse", ("open", "unpaid"))]
)
def test_a_bank_that_asks(
    client: stripe.StripeClient,
    browser: httpx.Client,
    answer: str,
    status: tuple[str, str],
) -> None:
    session = opened(client)
    bank = press(browser, str(session.url), card="pm_card_authenticationRequired")
    assert bank.headers["Location"].startswith("/bank/pi_")
    assert state(client, session) == ("open", "unpaid")
    press(browser, bank.headers["Location"], answer=answer)
    assert state(client, session) == status


def test_a_donor_who_leaves(client: stripe.StripeClient, browser: httpx.Client) -> None:
    session = opened(client)
    assert f'href="{OPEN["cancel_url"]}"' in browser.get(str(session.url)).text
    client.v1.checkout.sessions.expire(session.id)
    assert state(client, session) == ("expired", "unpaid")
    assert "expired" in browser.get(f"/pay/{session.id}").text
    assert browser.post(f"/pay/{session.id}", data={"card": "pm_card_visa"}).status_code == 200
    assert client.v1.payment_intents.list().data == []
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        client.v1.checkout.sessions.expire(session.id)


def test_a_page_of_the_charitys_own(client: stripe.StripeClient, browser: httpx.Client) -> None:
    intent = client.v1.payment_intents.create({"amount": 5000, "currency": "eur"})
    secret = str(intent.client_secret)
    press(browser, f"/pay/{secret}", card="pm_card_visa")
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert browser.get(f"/pay/{intent.id}_secret_wrong").status_code == 404


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"success_url": ""}, "success_url"),
        ({"line_items": []}, "line_items"),
        ({"expires_at": 1}, "expires_at"),
        ({"mode": "setup"}, "mode"),
    ],
)
def test_a_session_that_stripe_refuses(
    client: stripe.StripeClient, change: dict[str, object], param: str
) -> None:
    params = {name: value for name, value in {**OPEN, **change}.items() if value != ""}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(params)  # type: ignore[arg-type]
    assert refused.value.param == param
