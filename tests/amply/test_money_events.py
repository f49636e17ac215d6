"""Stripe's events about money that moves unasked: each is an ERROR line, which alerts people."""

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker

from amply.donations.models import Status
from tests.amply.gateways import read, take
from tests.amply.stripe_events import CHARGE, PAYMENT, REFUNDED, SUCCEEDED, cried_out, tell

Sessions = sessionmaker[Session]


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


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("charge.dispute.created", "Donation disputed"),
        ("charge.dispute.closed", "Dispute closed"),
        ("radar.early_fraud_warning.created", "Fraud warning for a donation"),
    ],
)
async def test_a_dispute_is_cried_out_by_its_payment(
    webhook: httpx.AsyncClient,
    sessions: Sessions,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    message: str,
) -> None:
    """Neither a dispute nor a warning has metadata of ours."""
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    about = {"object": "dispute", "id": "dp_1", "payment_intent": "pi_1", "metadata": {}}
    await tell(webhook, {"id": "evt_5", "type": kind, "data": {"object": about}})
    assert cried_out(caplog) == [(message, "pi_1")]
    about["payment_intent"] = "pi_of_another_product"
    await tell(webhook, {"id": "evt_6", "type": kind, "data": {"object": about}})
    assert len(cried_out(caplog)) == 1


async def test_a_partial_refund_is_cried_out(
    webhook: httpx.AsyncClient, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    part = {**CHARGE, "refunded": False, "amount": 5000, "amount_refunded": 1000}
    await tell(webhook, {**REFUNDED, "data": {"object": part}})
    assert cried_out(caplog) == [("Donation refunded in part", "pi_1")]
    (line,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert vars(line)["amount"] == 1000
    assert read(sessions).status == "succeeded"
