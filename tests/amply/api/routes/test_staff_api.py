"""The API for staff: authentication by key, list of donations, refund."""

from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from amply.database.base import now
from amply.donations.models import Donation
from amply.keys import api_keys
from amply.keys.models import ApiKey, Scope
from tests.amply.support.clients import donate, settled


@pytest.fixture
async def staff(client: httpx.AsyncClient, sessions: sessionmaker[Session]) -> httpx.AsyncClient:
    client.headers["Authorization"] = f"Bearer {api_keys.create(sessions, 'Grace')}"
    return client


async def listed(client: httpx.AsyncClient, **filters: object) -> list[str]:
    answer = await client.get("/donations", params={k: str(v) for k, v in filters.items()})
    assert answer.status_code == 200, answer.text
    return [donation["id"] for donation in answer.json()["donations"]]


@pytest.mark.parametrize(
    "given",
    [None, "", "amply_", "amply_0_0", "sk_live_1", "amply_ü_x", "amply_0123456789abcdef_wrong"],
)
async def test_without_a_key_of_ours_nothing_is_shown(
    client: httpx.AsyncClient, given: str | None
) -> None:
    headers = {} if given is None else {b"Authorization": f"Bearer {given}".encode()}
    for answer in (
        await client.get("/donations", headers=headers),
        await client.post("/donations/don_1/refund", headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_an_id_with_trailing_characters_is_not_a_key(
    client: httpx.AsyncClient, sessions: sessionmaker[Session]
) -> None:
    _, key_id, secret = api_keys.create(sessions, "Grace").split("_", 2)
    for other in (f"{key_id}0", f"{key_id}x", key_id[:-1], key_id.upper() + "0"):
        headers = {"Authorization": f"Bearer amply_{other}_{secret}"}
        assert (await client.get("/donations", headers=headers)).status_code == 401


async def test_the_id_of_a_key_is_not_the_key(
    client: httpx.AsyncClient, sessions: sessionmaker[Session]
) -> None:
    key = api_keys.create(sessions, "Grace")
    cut = key[:-1]
    answer = await client.get("/donations", headers={"Authorization": f"Bearer {cut}"})
    assert answer.status_code == 401


def test_the_secret_of_a_key_is_not_kept(sessions: sessionmaker[Session]) -> None:
    secret = api_keys.create(sessions, "Grace").split("_", 2)[2]
    with sessions() as session:
        kept = session.scalars(select(ApiKey)).one()
    assert secret not in str(vars(kept))


async def test_a_revoked_key_is_none(
    staff: httpx.AsyncClient, sessions: sessionmaker[Session]
) -> None:
    assert await listed(staff) == []
    api_keys.revoke(sessions, "Grace")
    assert (await staff.get("/donations")).status_code == 401


async def test_staff_see_the_donor_and_others_do_not(
    staff: httpx.AsyncClient, app: FastAPI
) -> None:
    given = {"donor_name": "Ada King", "message": "For Charles", "campaign": "winter-2026"}
    donation = await donate(staff, **given)
    public = await settled(staff, app, donation["id"])
    (record,) = (await staff.get("/donations")).json()["donations"]
    assert given.items() <= record.items()
    assert record["donor_email"] == "ada@example.org"
    assert public.keys() < record.keys()
    assert not {"donor_name", "donor_email", "message", "payment_id"} & public.keys()


def seed(sessions: sessionmaker[Session], number: int) -> list[str]:
    """Insert donations, newest first, in pairs of the same time, of two campaigns and statuses."""
    start = datetime.fromisoformat("2026-01-01T00:00:00Z")
    donations = [
        Donation(
            id=f"don_{n:02}",
            amount=100,
            currency="EUR",
            donor_email="ada@example.org",
            payment_method="pm_card_visa",
            campaign=("spring", "autumn")[n % 2],
            status=("succeeded", "failed")[n % 2],
            created_at=start + timedelta(hours=n // 2),
        )
        for n in range(number)
    ]
    with sessions.begin() as session:
        session.add_all(donations)
        return [donation.id for donation in reversed(donations)]


async def test_pages_show_every_donation_once_though_more_come_in(
    staff: httpx.AsyncClient, sessions: sessionmaker[Session]
) -> None:
    expected = seed(sessions, 7)
    seen: list[str] = []
    params = {"limit": "3"}
    while True:
        page = (await staff.get("/donations", params=params)).json()
        seen += [donation["id"] for donation in page["donations"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
        if len(seen) == 3:
            with sessions.begin() as session:
                fields = {"amount": 1, "currency": "EUR", "donor_email": "a@b.org"}
                session.add(Donation(id="don_new", payment_method="pm_1", **fields))
    assert seen == expected


async def test_filters(staff: httpx.AsyncClient, sessions: sessionmaker[Session]) -> None:
    seed(sessions, 6)
    assert await listed(staff, status="failed") == ["don_05", "don_03", "don_01"]
    assert await listed(staff, campaign="spring") == ["don_04", "don_02", "don_00"]
    hour = "2026-01-01T01:00:00Z"
    assert await listed(staff, created_from=hour) == ["don_05", "don_04", "don_03", "don_02"]
    assert await listed(staff, created_before=hour) == ["don_01", "don_00"]
    assert await listed(staff, created_before="2026-01-01T02:00:00+01:00") == ["don_01", "don_00"]
    assert await listed(staff, status="failed", campaign="spring") == []


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("status", "lost"),
        ("campaign", "Not One"),
        ("limit", "0"),
        ("limit", "101"),
        ("cursor", "abcd"),
        ("cursor", "!"),
        ("created_from", "2026-01-01T00:00:00"),
        ("created_from", "0.5"),
        ("created_from", "0001-01-01T00:00:00+14:00"),
        ("unknown", "1"),
    ],
)
async def test_a_filter_out_of_bounds_is_refused(
    staff: httpx.AsyncClient, parameter: str, value: str
) -> None:
    answer = await staff.get("/donations", params={parameter: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == f"query.{parameter}"


async def test_a_refund_is_asked_for_and_done(staff: httpx.AsyncClient, app: FastAPI) -> None:
    donation = await donate(staff)
    await settled(staff, app, donation["id"])
    for _ in range(2):
        asked = await staff.post(f"/donations/{donation['id']}/refund")
        assert asked.status_code == 202
        assert asked.json()["refund_requested_at"] is not None
    found = await settled(staff, app, donation["id"])
    assert found["status"] == "refunded"
    again = await staff.post(f"/donations/{donation['id']}/refund")
    assert (again.status_code, again.json()["status"]) == (202, "refunded")


async def test_what_was_not_charged_cannot_be_refunded(
    staff: httpx.AsyncClient, app: FastAPI
) -> None:
    donation = await donate(staff, payment_method="pm_card_chargeDeclined")
    await settled(staff, app, donation["id"])
    answer = await staff.post(f"/donations/{donation['id']}/refund")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "The donation is failed: there is nothing to refund",
    )
    assert (await staff.post("/donations/don_none/refund")).status_code == 404


@pytest.mark.parametrize(("days", "status"), [(1, 200), (-1, 401)])
async def test_a_key_expires(
    client: httpx.AsyncClient, sessions: sessionmaker[Session], days: int, status: int
) -> None:
    key = api_keys.create(sessions, "Grace", expires_at=now() + timedelta(days=days))
    headers = {"Authorization": f"Bearer {key}"}
    assert (await client.get("/donations", headers=headers)).status_code == status


@pytest.mark.parametrize(("scope", "status"), [(Scope.READ, 403), (Scope.REFUND, 404)])
async def test_a_key_to_read_refunds_nothing(
    client: httpx.AsyncClient, sessions: sessionmaker[Session], scope: Scope, status: int
) -> None:
    headers = {"Authorization": f"Bearer {api_keys.create(sessions, 'Grace', scope)}"}
    assert (await client.get("/donations", headers=headers)).status_code == 200
    assert (await client.post("/donations/don_1/refund", headers=headers)).status_code == status


async def test_donors_are_found_by_address(staff: httpx.AsyncClient) -> None:
    donation = await donate(staff, donor_email="Grace@example.org")
    await donate(staff)
    assert await listed(staff, donor_email="grace@EXAMPLE.org") == [donation["id"]]
