"""A PostgreSQL that accepts connections and never answers, as RDS does in a failover."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from amply.database.engines import async_engine, sync_engine
from tests.amply.support.clients import DONATION, post
from tests.amply.support.frozen import way_to
from tests.amply.support.services import postgresql_database


async def ask_at_once(client: AsyncClient) -> list[tuple[int, str | None]]:
    """Send more requests than there are connections; return each status and Retry-After."""
    asked = (post(client, DONATION) for _ in range(7))
    answers = await asyncio.gather(*asked)
    return [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers]


async def all_are_answered(client: AsyncClient) -> None:
    """Send the requests again until all are answered: a busy machine may exceed our limits."""
    async with asyncio.timeout(60):
        while await ask_at_once(client) != [(201, None)] * 7:
            pass


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_nobody_waits_for_it_for_long(
    app: FastAPI, client: AsyncClient, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    async with way_to(database_url) as (way, url):
        engine = async_engine(url, connect_within=0.4, answer_within=0.4)
        monkeypatch.setitem(vars(app.state.resources), "engine", engine)
        await all_are_answered(client)  # and every connection is made

        way.freeze()
        async with asyncio.timeout(20):
            assert await ask_at_once(client) == [(503, "1")] * 7

        way.thaw()
        await all_are_answered(client)
        await engine.dispose()


def test_a_task_finds_out_that_it_is_gone() -> None:
    """A task that waits for the database is ended by its time limit."""
    with postgresql_database() as url:
        engine = sync_engine(url)
        with engine.connect() as connection:
            driver_s: Any = connection.connection.driver_connection
            given = driver_s.info.get_parameters()
        engine.dispose()
    assert int(given["connect_timeout"]) == 5
    assert int(given["tcp_user_timeout"]) <= 20_000
    longest_silence = int(given["keepalives_idle"]) + int(given["keepalives_interval"]) * int(
        given["keepalives_count"]
    )
    assert longest_silence <= 30
