"""Stripe's events: verified, stored once, accepted in any order; a donation never moves back."""

import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from amply.donations.models import Status
from amply.donations.receipt import Receipt
from amply.webhooks.models import StripeEvent
from tests.amply.support.stripe.events import FAILED, PAYMENT, SUCCEEDED, cried_out, tell
from tests.amply.support.stripe.gateways import read, take

Sessions = sessionmaker[Session]


def receipts(sessions: Sessions) -> int | None:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(Receipt))


async def test_a_success_that_the_worker_did_not_live_to_note(
    webhook: httpx.AsyncClient, sessions: Sessions
) -> None:
    take(sessions, Status.PROCESSING)
    assert [await tell(webhook, SUCCEEDED) for _ in range(2)] == [204, 204]
    assert (read(sessions).status, read(sessions).payment_id) == ("succeeded", "pi_1")
    assert receipts(sessions) == 1
    with sessions() as session:
        assert list(session.scalars(select(StripeEvent.id))) == ["evt_1"]


async def test_a_failure(webhook: httpx.AsyncClient, sessions: Sessions) -> None:
    take(sessions, Status.PROCESSING, payment_id="pi_1")
    assert await tell(webhook, FAILED) == 204
    assert (read(sessions).status, read(sessions).failure_code) == ("failed", "lost_card")


@pytest.mark.parametrize("payment_id", [None, "pi_2"])
@pytest.mark.parametrize("code", ["lost_card", "authentication_required"])
async def test_the_failure_of_another_payment_fails_no_donation(
    webhook: httpx.AsyncClient, sessions: Sessions, payment_id: str | None, code: str
) -> None:
    take(sessions, Status.PROCESSING, payment_id=payment_id)
    about = {**PAYMENT, "last_payment_error": {"decline_code": code}}
    assert await tell(webhook, {**FAILED, "data": {"object": about}}) == 204
    assert read(sessions).status == "processing"


async def test_the_success_of_another_payment_is_cried_out_while_the_own_one_is_charged(
    webhook: httpx.AsyncClient, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    take(sessions, Status.PROCESSING, payment_id="pi_0")
    assert await tell(webhook, SUCCEEDED) == 204
    assert cried_out(caplog) == [("Second charge found for a donation", "pi_1")]
    assert (read(sessions).status, read(sessions).payment_id) == ("processing", "pi_0")


@pytest.mark.parametrize("event", [SUCCEEDED, FAILED])
@pytest.mark.parametrize("status", [Status.FAILED, Status.REFUNDED])
async def test_nothing_moves_backwards(
    webhook: httpx.AsyncClient, sessions: Sessions, event: dict[str, Any], status: Status
) -> None:
    take(sessions, status)
    assert await tell(webhook, event) == 204
    assert read(sessions).status == status
    assert receipts(sessions) == 0


async def test_a_charge_for_a_failed_donation_is_cried_out(
    webhook: httpx.AsyncClient, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    take(sessions, Status.FAILED)
    await tell(webhook, SUCCEEDED)
    assert cried_out(caplog) == [("Charge found for a failed donation", "pi_1")]
    assert read(sessions).status == "failed"


def of_another_payment(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event for another payment, pi_2, of the same donation."""
    return dict(json.loads(json.dumps({**event, "id": "evt_9"}).replace("pi_1", "pi_2")))


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.REFUNDED])
async def test_a_second_charge_is_cried_out(
    webhook: httpx.AsyncClient,
    sessions: Sessions,
    caplog: pytest.LogCaptureFixture,
    status: Status,
) -> None:
    take(sessions, status, payment_id="pi_1")
    await tell(webhook, SUCCEEDED)
    assert cried_out(caplog) == []
    await tell(webhook, of_another_payment(SUCCEEDED))
    assert cried_out(caplog) == [("Second charge found for a donation", "pi_2")]
    (line,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert vars(line)["noted_payment_id"] == "pi_1"
    assert (read(sessions).status, read(sessions).payment_id) == (status, "pi_1")


async def test_a_charge_that_we_gave_up_on_is_put_right(
    webhook: httpx.AsyncClient, sessions: Sessions
) -> None:
    take(sessions, Status.FAILED, failure_code="processing_abandoned")
    await tell(webhook, SUCCEEDED)
    assert (read(sessions).status, read(sessions).payment_id) == ("succeeded", "pi_1")
    assert receipts(sessions) == 1


@pytest.mark.parametrize(
    "about",
    [
        {"object": "payment_intent", "id": "pi_2", "metadata": {"donation_id": "don_other"}},
        {"object": "payment_intent", "id": "pi_2", "metadata": {}},
        {"object": "customer", "id": "cus_1"},
    ],
)
async def test_what_is_none_of_ours_changes_nothing(
    webhook: httpx.AsyncClient, sessions: Sessions, about: dict[str, Any]
) -> None:
    take(sessions, Status.PROCESSING)
    kind = "payment_intent.succeeded"
    assert await tell(webhook, {"id": "evt_9", "type": kind, "data": {"object": about}}) == 204
    assert read(sessions).status == "processing"


async def test_what_stripe_did_not_sign_is_refused(
    webhook: httpx.AsyncClient, sessions: Sessions
) -> None:
    take(sessions, Status.PROCESSING)
    assert await tell(webhook, SUCCEEDED, secret="whsec_other") == 400
    assert await tell(webhook, SUCCEEDED, age=301) == 400
    assert await tell(webhook, {"id": "evt_1"}) == 400
    answers = [
        await webhook.post("/webhooks/stripe", content=b"{}", headers=headers)
        for headers in ({}, {"Stripe-Signature": "nonsense"}, {"Stripe-Signature": "t=x,v1=y"})
    ]
    assert [answer.status_code for answer in answers] == [422, 400, 400]
    assert read(sessions).status == "processing"


async def test_without_a_secret_nothing_is_believed(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    assert await tell(client, SUCCEEDED) == 400
