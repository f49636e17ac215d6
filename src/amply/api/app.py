"""The application: every route, every middleware, and what they share."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy.ext.asyncio import async_sessionmaker

from amply.api.http import problems
from amply.api.http.limits import WINDOW_SECONDS
from amply.api.http.middleware import BodyLimit, RequestContext
from amply.api.http.openapi import document
from amply.api.http.resources import Resources
from amply.api.http.vitals import Vitals
from amply.api.routes import donation_records, donations, donors, health, webhooks
from amply.base.settings import PRODUCTION, Settings
from amply.base.start import reported_in_one_line
from amply.database.engines import async_engine
from amply.jobs.app import create_celery
from amply.limits import UNLIMITED, Limit
from amply.limits.in_redis import RedisLimit, redis_for_limits
from amply.migrations.schema import prepare
from amply.outbox.relay import Relay

_THREADS = 16  # donors for whom Stripe is asked at a time


def create_app(settings: Settings) -> FastAPI:
    """Create the API; it connects to nothing before it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            with reported_in_one_line():
                app.state.resources = await _open(settings, stack)
            yield

    # A redirect would be an answer that the document does not know, and lose a POST's body.
    app = FastAPI(
        title="Amply",
        version="0.1.0",
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url="/openapi.json" if _is_documented(settings) else None,  # and with it /docs
    )
    app.add_middleware(BodyLimit)
    _allow_origins(app, sorted(settings.allowed_origins))
    app.add_middleware(RequestContext)
    routers = [f.router for f in (health, donations, donation_records, donors, webhooks)]
    problems.install(app, routers)
    for router in routers:
        app.include_router(router)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    return app


def _allow_origins(app: FastAPI, origins: list[str]) -> None:
    if not origins:
        return
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Content-Type", "Idempotency-Key", "X-Request-ID"],
        expose_headers=["Idempotent-Replayed", "Retry-After", "X-Request-ID"],
    )


def _is_documented(settings: Settings) -> bool:
    return settings.environment != PRODUCTION or settings.amply_embedded


async def _open(settings: Settings, stack: AsyncExitStack) -> Resources:
    settings = _with_embedded_stripe(settings, stack)
    await asyncio.to_thread(prepare, settings)
    engine = async_engine(settings.database_url)
    stack.push_async_callback(engine.dispose)
    health_engine = async_engine(settings.database_url, pool_size=1)
    stack.push_async_callback(health_engine.dispose)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    redis = _redis(settings)
    stack.push_async_callback(redis.aclose)
    celery = create_celery(settings)
    stack.callback(celery.services.close)
    relay = Relay(engine, celery.publish)
    stack.push_async_callback(relay.close)
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="donors")
    stack.callback(threads.shutdown, wait=False, cancel_futures=True)
    return Resources(
        settings=settings,
        engine=engine,
        health_engine=health_engine,
        sessions=sessions,
        redis=redis,
        relay=relay,
        vitals=Vitals(engine.sync_engine),
        services=celery.services,
        threads=threads,
        addresses=_address_limit(settings),
    )


def _address_limit(settings: Settings) -> Limit:
    if settings.redis_url is None:
        return UNLIMITED
    redis = redis_for_limits(settings.redis_url)
    most = settings.donations_per_address
    return RedisLimit(redis, "address", most=most, seconds=WINDOW_SECONDS)


def _redis(settings: Settings) -> Redis:
    if settings.redis_url is None:
        # A development package, which the image does not hold.
        from fakeredis import FakeAsyncRedis  # noqa: PLC0415

        return FakeAsyncRedis()
    return Redis.from_url(
        settings.redis_url,
        socket_connect_timeout=2,
        socket_timeout=2,
        # A connection of before a failover is closed: another one is no outage.
        retry=Retry(NoBackoff(), 1, (RedisConnectionError,)),
    )


def _with_embedded_stripe(settings: Settings, stack: AsyncExitStack) -> Settings:
    """Only an API that runs the tasks itself, and was given no key, needs a Stripe of its own."""
    if settings.celery_queue_url or settings.stripe_secret_key:
        return settings
    # Needs development packages, which the image does not hold.
    from amply.embedded.stripe.process import TEST_KEY, running_in_thread  # noqa: PLC0415

    address = stack.enter_context(running_in_thread())
    return settings.model_copy(update={"stripe_secret_key": TEST_KEY, "stripe_api_base": address})
