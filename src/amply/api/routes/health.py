"""Health: one route that reports dependencies, and one for the checks that replace a task.

`/health` is the route of docs/design-page.md. `/health/live` reports this process alone, because
replacing tasks does not bring a database back: docs/decisions/0033-what-replaces-a-task.md.
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from fastapi import APIRouter, HTTPException
from sqlalchemy import text

from amply.api.http.problems import documented
from amply.api.http.resources import Resources, Shared

logger = logging.getLogger(__name__)

# Both answers, one after the other, within the 5 s that a check waits.
_SECONDS_TO_ANSWER = 2.0

router = APIRouter(tags=["health"])


@router.get("/health", responses=documented(503))
async def health_check(resources: Shared) -> dict[str, str]:
    """Ask the database and Redis."""
    await _must_answer("database", _select_one(resources))
    await _must_answer("redis", resources.redis.ping())
    resources.vitals.was_ready = True
    return {"status": "healthy"}


@router.get("/health/live", responses=documented(503))
async def liveness(resources: Shared) -> dict[str, str]:
    """Answer 503 only if a new process would help, or if this one has never been ready."""
    if not resources.vitals.was_ready:
        await health_check(resources)
    if reason := resources.vitals.problem():
        logger.error("This process must be replaced", extra={"reason": reason})
        raise HTTPException(503, detail=reason)
    return {"status": "alive"}


async def _select_one(resources: Resources) -> None:
    async with resources.health_engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def _must_answer(name: str, question: Awaitable[Any]) -> None:
    try:
        async with asyncio.timeout(_SECONDS_TO_ANSWER):
            await question
    except Exception as error:
        reason = str(error) or type(error).__name__
        logger.warning("Unhealthy", extra={"dependency": name, "reason": reason})
        raise HTTPException(503, detail=f"{name} does not answer") from error
