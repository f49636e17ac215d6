"""The resources that routes share, opened when the application starts."""

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from amply.api.http.vitals import Vitals
from amply.base.settings import Settings
from amply.limits import Limit
from amply.outbox.relay import Relay
from amply.services import Services


@dataclass(frozen=True)
class Resources:
    """The shared resources, one of each for a process."""

    settings: Settings
    engine: AsyncEngine
    health_engine: AsyncEngine  # one connection, so that a full pool is no outage
    sessions: async_sessionmaker[AsyncSession]
    redis: Redis
    relay: Relay
    vitals: Vitals
    services: Services
    threads: Executor  # for what waits for Stripe, or for Redis about a limit
    addresses: Limit


async def _of_the_application(request: Request) -> Resources:  # not async, it would take a thread
    resources = request.app.state.resources
    assert isinstance(resources, Resources)  # noqa: S101 - set when the application starts
    return resources


Shared = Annotated[Resources, Depends(_of_the_application)]
