"""`/health` (docs/design-page.md), and `/health/live`, which the health checks use."""

from contextlib import AsyncExitStack

import httpx
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import create_async_engine

from amply.api.app import create_app
from amply.api.http.vitals import STUCK_AFTER_SECONDS, Vitals
from amply.api.routes import health
from amply.base.settings import Settings
from tests.amply.support.clients import donate, serving, settled
from tests.amply.support.services import require_redis

HEALTHY = (200, {"status": "healthy"})
ALIVE = (200, {"status": "alive"})
NOBODY_THERE = {
    "database": ("health_engine", create_async_engine("sqlite+aiosqlite:////-/-")),
    "redis": ("redis", Redis.from_url("redis://127.0.0.1:1/0")),
}


async def ask(client: httpx.AsyncClient, path: str = "/health") -> tuple[int, dict[str, str]]:
    answer = await client.get(path)
    return answer.status_code, answer.json()


@pytest.fixture(params=sorted(NOBODY_THERE))
def dependency(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    # Nothing here hangs: on a busy machine the dependency that works takes longer than 2 s.
    monkeypatch.setattr(health, "_SECONDS_TO_ANSWER", 60.0)
    return str(request.param)


def end(app: FastAPI, monkeypatch: pytest.MonkeyPatch, dependency: str) -> None:
    """Make a dependency of an application fail."""
    monkeypatch.setitem(vars(app.state.resources), *NOBODY_THERE[dependency])


async def test_healthy(client: httpx.AsyncClient) -> None:
    assert await ask(client) == HEALTHY


async def test_healthy_on_a_real_redis(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"redis_url": require_redis()}))
    async with serving(app) as client:
        assert await ask(client) == HEALTHY


async def test_a_connection_that_redis_closed_is_no_outage(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"redis_url": require_redis()}))
    async with serving(app) as client, Redis.from_url(require_redis()) as other:
        assert await ask(client) == HEALTHY
        connection = await app.state.resources.redis.client_id()
        assert await other.client_kill_filter(_id=str(connection)) == 1
        assert await ask(client) == HEALTHY


async def test_unhealthy_when_a_dependency_does_not_answer(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, dependency: str
) -> None:
    end(app, monkeypatch, dependency)
    status, problem = await ask(client)
    assert (status, problem["detail"]) == (503, f"{dependency} does not answer")


async def test_an_outage_replaces_no_task_that_was_ready(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, dependency: str
) -> None:
    assert await ask(client, "/health/live") == ALIVE
    end(app, monkeypatch, dependency)
    assert await ask(client, "/health/live") == ALIVE


async def test_a_task_that_never_reached_its_dependencies_takes_no_traffic(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, dependency: str
) -> None:
    end(app, monkeypatch, dependency)
    assert (await ask(client, "/health/live"))[0] == 503


async def test_donations_go_on_without_redis(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    end(app, monkeypatch, "redis")
    donation = await donate(client)
    assert (await settled(client, app, donation["id"]))["status"] == "succeeded"


async def test_a_full_pool_is_no_outage(app: FastAPI, client: httpx.AsyncClient) -> None:
    engine = app.state.resources.engine
    async with AsyncExitStack() as stack:
        for _ in range(engine.pool.size()):
            await stack.enter_async_context(engine.connect())
        assert await ask(client) == HEALTHY
        assert await ask(client, "/health/live") == ALIVE


async def test_a_pool_that_lost_its_connections_replaces_the_task(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, seconds = app.state.resources.engine, 0.0
    vitals = Vitals(engine.sync_engine, lambda: seconds)
    vitals.was_ready = True
    monkeypatch.setitem(vars(app.state.resources), "vitals", vitals)
    async with AsyncExitStack() as stack:
        for _ in range(engine.pool.size()):
            await stack.enter_async_context(engine.connect())
        seconds = STUCK_AFTER_SECONDS - 1
        assert await ask(client, "/health/live") == ALIVE
        seconds = STUCK_AFTER_SECONDS
        status, problem = await ask(client, "/health/live")
        assert (status, problem["detail"]) == (
            503,
            "no database connection has come back for 60 s",
        )
    assert await ask(client, "/health/live") == ALIVE
