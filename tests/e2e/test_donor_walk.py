"""A donor in a browser, on the page that the embedded Stripe shows, and staff afterwards."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.browser import chromium
from tests.e2e.laptop import PATIENCE, Laptop
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.stories, pytest.mark.timeout(600)]

DONATION = {"amount": 5000, "currency": "EUR", "donor_email": "donor@example.org"}
ASKS = "A card whose bank asks"


@dataclass
class Walk:
    """A donor's browser, and what the API and Stripe say meanwhile."""

    laptop: Laptop
    browser: Browser
    pictures: Path

    def give(self) -> tuple[str, Page]:
        """Give, and go to the page of Stripe's."""
        status, donation = self.laptop.ask("/donations", DONATION)
        assert status == 201
        page = self.browser.new_page()
        page.goto(donation["checkout_url"])
        assert page.title() == "Pay 5000 EUR (minor units)"
        return donation["id"], page

    def picture(self, page: Page, name: str) -> None:
        page.screenshot(path=self.pictures / f"{name}.png")

    def until_status(self, donation_id: str, status: str) -> dict[str, Any]:
        """Wait until anybody who asks is told this status."""

        def shown() -> dict[str, Any] | None:
            _, donation = self.laptop.ask(f"/donations/{donation_id}")
            return donation if donation["status"] == status else None

        return until(f"the donation is {status}", shown, PATIENCE) or {}

    def at_stripe(self, url: str, path: str) -> dict[str, Any]:
        """Send a request to the Stripe that showed this page."""
        headers = {"Authorization": "Bearer sk_test_walk"}
        answer = httpx.post(f"http://{urlsplit(url).netloc}/v1/{path}", headers=headers)
        return dict(answer.raise_for_status().json())

    def database(self, query: str, *values: str) -> list[Any]:
        with closing(sqlite3.connect(self.laptop.root / ".ops" / "local" / "amply.db")) as database:
            return [row for (row,) in database.execute(query, values)]

    def amply(self, *command: str, **variables: str) -> str:
        """Run an operator's command."""
        path = self.laptop.root / ".ops" / "local" / "amply.db"
        variables |= {"DATABASE_URL": f"sqlite:///{path}", "STRIPE_SECRET_KEY": "sk_test_walk"}
        return subprocess.run(
            [sys.executable, "-m", "amply", *command],
            env=os.environ | variables,
            capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip


@pytest.fixture
def walk(production: Laptop, tmp_path: Path) -> Iterator[Walk]:
    with chromium() as browser:
        yield Walk(production, browser, tmp_path)


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def test_the_bank_asks_and_the_donor_agrees_then_staff_refund(walk: Walk) -> None:
    donation_id, page = walk.give()
    walk.picture(page, "pay")
    press(page, ASKS)
    assert page.title() == "Your bank asks"
    walk.picture(page, "bank")
    press(page, "Agree")
    assert page.title() == "Back at the charity"
    assert f"donation={donation_id}" in page.url
    walk.picture(page, "returned")
    walk.until_status(donation_id, "succeeded")
    mail = walk.laptop.root / ".ops" / "local" / "mails" / f"{donation_id}.eml"
    until("the receipt is sent", mail.exists, PATIENCE)
    key = walk.amply("keys", "create", "walk", "--scope", "refund")
    answer = httpx.post(
        f"http://127.0.0.1:{walk.laptop.port}/donations/{donation_id}/refund",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 202
    walk.until_status(donation_id, "refunded")


def test_the_donor_refuses_and_another_closes_the_window(walk: Walk) -> None:
    refused_id, page = walk.give()
    left_id, other = walk.give()
    urls = [page.url, other.url]
    press(page, ASKS)
    press(page, "Refuse")
    assert "We are unable to authenticate your payment method" in page.content()
    walk.picture(page, "refused")
    page.close()
    other.close()
    for donation_id, url in zip((refused_id, left_id), urls, strict=True):
        assert walk.laptop.ask(f"/donations/{donation_id}")[1]["status"] == "awaiting"
        session_id = urlsplit(url).path.rpartition("/")[2]
        walk.at_stripe(url, f"checkout/sessions/{session_id}/expire")  # as after a day
        assert walk.until_status(donation_id, "failed")["failure_code"] == "payment_expired"


def test_the_donor_disputes_the_charge(walk: Walk) -> None:
    donation_id, page = walk.give()
    url = page.url
    press(page, "A card that pays, and whose donor disputes it")
    assert page.title() == "Back at the charity"
    walk.until_status(donation_id, "succeeded")
    known = "SELECT {} FROM disputes WHERE donation_id = ?"
    [dispute_id] = until(
        "the dispute is in the books",
        lambda: walk.database(known.format("id"), donation_id),
        PATIENCE,
    )
    walk.at_stripe(url, f"disputes/{dispute_id}/close")
    status = known.format("status")
    until("it is lost", lambda: walk.database(status, donation_id) == ["lost"], PATIENCE)
    walk.amply(
        "reconcile", "--since", "2020-01-01", STRIPE_API_BASE=f"http://{urlsplit(url).netloc}"
    )
    moved = "SELECT sum(amount) FROM ledger WHERE donation_id = ? AND account = ?"
    assert walk.database(moved, donation_id, "disputes") == [5000]
    assert walk.database(moved, donation_id, "stripe") == [-2100]  # the fees of both
