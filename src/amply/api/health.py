"""Health: the routes of the container's and the load balancer's checks."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from fastapi import APIRouter, HTTPException
from sqlalchemy import text

from amply.api.problems import documented
from amply.api.resources import Resources, Shared

logger = logging.getLogger(__name__)

# Both answers, one after the other, within the 5 s that the container's check waits.
_SECONDS_TO_ANSWER = 2.0

router = APIRouter()


@router.get("/livez", tags=["health"])
async def liveness() -> dict[str, str]:
    """Answer that this process runs, whatever it depends on."""
    return {"status": "alive"}


@router.get("/health", tags=["health"], responses=documented(503))
async def health_check(resources: Shared) -> dict[str, str]:
    """Ask the database and Redis."""
    await _must_answer("database", _select_one(resources))
    await _must_answer("redis", resources.redis.ping())
    return {"status": "healthy"}


async def _select_one(resources: Resources) -> None:
    async with resources.sessions() as session:
        await session.execute(text("SELECT 1"))


async def _must_answer(name: str, question: Awaitable[Any]) -> None:
    try:
        async with asyncio.timeout(_SECONDS_TO_ANSWER):
            await question
    except Exception as error:
        reason = str(error) or type(error).__name__
        logger.warning("Unhealthy", extra={"dependency": name, "reason": reason})
        raise HTTPException(503, detail=f"{name} does not answer") from error
