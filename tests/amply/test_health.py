"""The health endpoint (docs/requirements.md)."""

import httpx
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from amply.api import health
from amply.api.app import create_app
from amply.base.settings import Settings
from tests.amply.clients import serving
from tests.amply.services import require_redis

HEALTHY = (200, {"status": "healthy"})


async def ask(client: httpx.AsyncClient) -> tuple[int, dict[str, str]]:
    answer = await client.get("/health")
    return answer.status_code, answer.json()


async def test_healthy(client: httpx.AsyncClient) -> None:
    assert await ask(client) == HEALTHY


async def test_healthy_on_a_real_redis(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"redis_url": require_redis()}))
    async with serving(app) as client:
        assert await ask(client) == HEALTHY


@pytest.mark.parametrize("dependency", ["database", "redis"])
async def test_unhealthy_when_a_dependency_does_not_answer(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, dependency: str
) -> None:
    nobody_there = {
        "database": (
            "sessions",
            async_sessionmaker(create_async_engine("sqlite+aiosqlite:////-/-")),
        ),
        "redis": ("redis", Redis.from_url("redis://127.0.0.1:1/0")),
    }
    field, broken = nobody_there[dependency]
    monkeypatch.setitem(vars(app.state.resources), field, broken)
    # Nothing here hangs: on a busy machine the dependency that works takes longer than 2 s.
    monkeypatch.setattr(health, "_SECONDS_TO_ANSWER", 60.0)

    status, problem = await ask(client)
    assert (status, problem["detail"]) == (503, f"{dependency} does not answer")
    assert (await client.get("/livez")).status_code == 200
