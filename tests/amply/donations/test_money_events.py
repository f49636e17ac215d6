"""Stripe's events about money that moves without us: each logs an ERROR line, which alerts."""

import json
import time
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from amply.base.task_names import BOOK_OBJECT
from amply.donations.models import Status
from amply.embedded.stripe.events import signature
from amply.outbox.models import OutboxMessage
from amply.payments.events import Event
from amply.payments.stripe_webhooks import read_event
from amply.webhooks.handling import handle
from tests.amply.support.stripe.events import (
    CHARGE,
    PAYMENT,
    REFUNDED,
    SECRET,
    SUCCEEDED,
    cried_out,
    tell,
)
from tests.amply.support.stripe.gateways import read, take

Sessions = sessionmaker[Session]
EVENT = Event(
    "evt_1",
    "",
    None,
    None,
    None,
    amount=None,
    currency=None,
    object_kind=None,
    object_id=None,
    livemode=False,
    account=None,
)


@pytest.mark.parametrize("changed", [{"amount_received": 4999}, {"currency": "usd"}])
async def test_another_amount_is_cried_out(
    webhook: httpx.AsyncClient,
    sessions: Sessions,
    caplog: pytest.LogCaptureFixture,
    changed: dict[str, object],
) -> None:
    take(sessions, Status.PROCESSING, payment_id="pi_1")
    await tell(webhook, {**SUCCEEDED, "data": {"object": {**PAYMENT, **changed}}})
    assert cried_out(caplog) == [("Another amount was charged", "pi_1")]
    assert read(sessions).status == "succeeded"


async def test_a_charge_of_a_donation_that_is_not_there_is_cried_out(
    webhook: httpx.AsyncClient, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    await tell(webhook, SUCCEEDED)
    message = "Event about a donation that is not in the database"
    assert cried_out(caplog) == [(message, "pi_1")]


async def test_a_fraud_warning_is_cried_out_by_its_payment(
    webhook: httpx.AsyncClient, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    """The event has no metadata of ours."""
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    about = {"object": "radar.early_fraud_warning", "id": "issfr_1", "payment_intent": "pi_1"}
    kind = "radar.early_fraud_warning.created"
    await tell(webhook, {"id": "evt_5", "type": kind, "data": {"object": about}})
    assert cried_out(caplog) == [("Fraud warning for a donation", "pi_1")]
    about["payment_intent"] = "pi_of_another_product"
    await tell(webhook, {"id": "evt_6", "type": kind, "data": {"object": about}})
    assert len(cried_out(caplog)) == 1


@pytest.mark.parametrize(
    ("kind", "resource"), [("refund", "refunds"), ("dispute", "disputes"), ("payout", "payouts")]
)
def test_money_that_moves_is_looked_at_by_a_task(
    sessions: Sessions, kind: str, resource: str
) -> None:
    event = replace(EVENT, type=f"{kind}.updated", object_kind=kind, object_id="id_1")
    with sessions.begin() as session:
        message = handle(session, event)
    assert message is not None
    with sessions() as session:
        (kept,) = session.scalars(select(OutboxMessage))
        assert kept.task == BOOK_OBJECT
        assert kept.arguments == {"resource": resource, "object_id": "id_1"}


@pytest.mark.parametrize("refunded", [True, False])
def test_what_an_event_says_of_a_refund_is_not_believed(sessions: Sessions, refunded: bool) -> None:
    """The event may be older than the refund's failure, so the task reads the charge's refunds."""
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    body = {**REFUNDED, "livemode": False, "data": {"object": {**CHARGE, "refunded": refunded}}}
    text = json.dumps(body).encode()
    event = read_event(text, signature(text, SECRET, int(time.time())), SECRET, live=False)
    with sessions.begin() as session:
        assert handle(session, event) is not None
    assert read(sessions).status == "succeeded"
    with sessions() as session:
        (kept,) = session.scalars(select(OutboxMessage))
        assert kept.arguments == {"resource": "charges", "object_id": "ch_1"}
