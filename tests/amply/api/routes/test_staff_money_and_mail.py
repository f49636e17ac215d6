"""Staff refund parts, send receipts again, find donors and export what is kept about one."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from amply.database.base import now
from amply.donations.erasure import erase_donor
from amply.donations.models import Status
from amply.donations.receipt import Receipt
from amply.keys import api_keys
from amply.keys.models import Scope
from amply.suppressions.addresses import suppress
from amply.suppressions.models import Reason
from tests.amply.support.clients import donate, settled
from tests.amply.support.stripe.gateways import take

Sessions = sessionmaker[Session]


@pytest.fixture
async def staff(client: httpx.AsyncClient, sessions: Sessions) -> httpx.AsyncClient:
    client.headers["Authorization"] = f"Bearer {api_keys.create(sessions, 'Grace')}"
    return client


async def given(staff: httpx.AsyncClient, app: FastAPI, **fields: object) -> str:
    """The id of a donation that was charged."""
    donation = await donate(staff, **fields)
    assert (await settled(staff, app, donation["id"]))["status"] == "succeeded"
    return str(donation["id"])


async def refund(
    staff: httpx.AsyncClient, donation_id: str, amount: int | None, key: str | None = None
) -> tuple[int, str]:
    headers = {"Idempotency-Key": key} if key else {}
    body = None if amount is None else {"amount": amount}
    answer = await staff.post(f"/donations/{donation_id}/refund", json=body, headers=headers)
    return answer.status_code, answer.json().get("detail", "")


async def record(staff: httpx.AsyncClient, app: FastAPI, donation_id: str) -> dict[str, object]:
    await settled(staff, app, donation_id)
    (one,) = (await staff.get("/donations")).json()["donations"]
    return dict(one)


async def test_parts_are_refunded_once_each(staff: httpx.AsyncClient, app: FastAPI) -> None:
    donation_id = await given(staff, app)
    for _ in range(2):
        assert await refund(staff, donation_id, 1000, "a") == (202, "")
        kept = await record(staff, app, donation_id)
        assert (kept["status"], kept["amount_refunded"]) == ("succeeded", 1000)
    too_much = (409, "Only 40.00 EUR is left to refund")
    assert await refund(staff, donation_id, 4001, "b") == too_much
    assert await refund(staff, donation_id, 1000) == (
        400,
        "Idempotency-Key: required to refund a part",
    )
    assert await refund(staff, donation_id, None) == (202, "")
    kept = await record(staff, app, donation_id)
    assert (kept["status"], kept["amount_refunded"]) == ("refunded", 5000)
    assert await refund(staff, donation_id, 1, "c") == (
        409,
        "The donation is refunded: there is nothing to refund",
    )


async def test_one_refund_at_a_time(staff: httpx.AsyncClient, sessions: Sessions) -> None:
    moment = now()
    take(sessions, Status.SUCCEEDED, refund_requested_at=moment, refund_amount=1000)
    under_way = (409, "A refund is in progress; request another once it is made")
    assert await refund(staff, "don_1", None) == under_way
    assert await refund(staff, "don_1", 500, "a") == under_way


@pytest.mark.parametrize("amount", [0, -1, 1.5, "1000"])
async def test_an_amount_out_of_bounds(staff: httpx.AsyncClient, amount: object) -> None:
    answer = await staff.post("/donations/don_1/refund", json={"amount": amount})
    assert answer.status_code == 422


async def test_a_receipt_is_sent_again(
    staff: httpx.AsyncClient, app: FastAPI, sessions: Sessions
) -> None:
    donation_id = await given(staff, app)
    path = f"/donations/{donation_id}/receipt"
    just_sent = await staff.post(path)
    assert (just_sent.status_code, just_sent.json()["copies"]) == (202, 0)
    with sessions.begin() as session:
        session.execute(update(Receipt).values(sent_at=now() - timedelta(minutes=11)))
    for _ in range(2):
        assert (await staff.post(path)).json()["copies"] == 1
    await settled(staff, app, donation_id)
    with sessions() as session:
        receipt = session.get_one(Receipt, donation_id)
    assert receipt.sent_at is not None
    assert receipt.sent_at > now() - timedelta(minutes=10)


async def test_a_receipt_that_was_given_up_is_sent(
    staff: httpx.AsyncClient, app: FastAPI, sessions: Sessions
) -> None:
    donation_id = await given(staff, app)
    with sessions.begin() as session:
        session.execute(update(Receipt).values(sent_at=None, claimed_by="given up"))
    assert (await staff.post(f"/donations/{donation_id}/receipt")).json()["copies"] == 1
    await settled(staff, app, donation_id)
    with sessions() as session:
        assert session.get_one(Receipt, donation_id).sent_at is not None


async def test_when_there_is_no_receipt_to_send(
    staff: httpx.AsyncClient, sessions: Sessions
) -> None:
    assert (await staff.post("/donations/don_1/receipt")).status_code == 404
    take(sessions, Status.FAILED)
    answer = await staff.post("/donations/don_1/receipt")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "The donation is failed: it has no receipt",
    )


async def test_no_receipt_goes_to_a_suppressed_or_erased_donor(
    staff: httpx.AsyncClient, app: FastAPI, sessions: Sessions
) -> None:
    donation_id = await given(staff, app)
    with sessions.begin() as session:
        suppress(session, "ada@example.org", Reason.BOUNCE, None)
    answer = await staff.post(f"/donations/{donation_id}/receipt")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "No mail goes to this address: bounce",
    )
    erase_donor(sessions, "ada@example.org")
    with sessions.begin() as session:
        session.execute(update(Receipt).values(sent_at=now() - timedelta(days=1)))
    answer = await staff.post(f"/donations/{donation_id}/receipt")
    assert answer.json()["detail"] == "The donor was erased: there is no address"
    with sessions() as session:
        assert session.get_one(Receipt, donation_id).copies == 0


@pytest.mark.parametrize(
    ("scope", "receipt", "refund_status"),
    [(Scope.READ, 403, 403), (Scope.SUPPORT, 404, 403), (Scope.REFUND, 404, 404)],
)
async def test_what_each_scope_may_do(
    client: httpx.AsyncClient, sessions: Sessions, scope: Scope, receipt: int, refund_status: int
) -> None:
    client.headers["Authorization"] = f"Bearer {api_keys.create(sessions, 'Grace', scope)}"
    assert (await client.get("/donors", params={"text": "ada"})).status_code == 200
    assert (await client.post("/donations/don_1/receipt")).status_code == receipt
    assert (await client.post("/donations/don_1/refund")).status_code == refund_status


async def test_without_a_key_no_donor_is_shown(client: httpx.AsyncClient) -> None:
    assert (await client.get("/donors", params={"text": "ada"})).status_code == 401
    answer = await client.get("/donors/export", params={"donor_email": "ada@example.org"})
    assert answer.status_code == 401


async def found(staff: httpx.AsyncClient, **query: object) -> list[tuple[str, int]]:
    answer = await staff.get("/donors", params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return [(one["donor_email"], one["donations"]) for one in answer.json()["donors"]]


async def test_donors_are_found_by_parts_of_address_and_name(
    staff: httpx.AsyncClient, sessions: Sessions
) -> None:
    donors = [
        ("ada@example.org", "Ada King"),
        ("Ada@Example.org", None),
        ("grace_h@example.org", "Grace Hopper"),
        ("erased@invalid", None),
    ]
    for number, (email, name) in enumerate(donors):
        take(sessions, Status.FAILED, id=f"don_{number}", donor_email=email, donor_name=name)
    ada, grace = ("ada@example.org", 2), ("grace_h@example.org", 1)
    assert await found(staff, text="EXAMPLE") == [ada, grace]
    assert await found(staff, text="hopp") == [grace]
    assert await found(staff, text="e_h") == [grace]  # no wildcard
    assert await found(staff, text="a%") == []
    assert await found(staff, text="invalid") == []
    page = (await staff.get("/donors", params={"text": "example", "limit": "1"})).json()
    assert page["next_after"] == "ada@example.org"
    assert await found(staff, text="example", after=page["next_after"]) == [grace]


async def test_everything_about_a_donor_is_exported(
    staff: httpx.AsyncClient, app: FastAPI, sessions: Sessions
) -> None:
    donation_id = await given(staff, app, message="For Charles")
    other = await given(staff, app, donor_email="eve@example.org")
    with sessions.begin() as session:
        suppress(session, "ada@example.org", Reason.COMPLAINT, "abuse")
    answer = await staff.get("/donors/export", params={"donor_email": "ADA@example.org"})
    export = answer.json()
    (donation,) = export["donations"]
    assert (donation["id"], donation["message"]) == (donation_id, "For Charles")
    assert [one["donation_id"] for one in export["receipts"]] == [donation_id]
    assert {one["account"] for one in export["postings"]} == {"stripe", "donations"}
    assert export["suppression"]["reason"] == "complaint"
    assert export["disputes"] == []
    assert other not in answer.text
    erase_donor(sessions, "ada@example.org")
    for email in ("ada@example.org", "erased@invalid"):
        answer = await staff.get("/donors/export", params={"donor_email": email})
        assert answer.status_code == 404
