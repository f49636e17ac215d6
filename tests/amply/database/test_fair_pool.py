"""The API's connection pool: requests are served in order, and no connection is lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from amply.database.fair_pool import FairPool


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{tmp_path}/pool.db",
        poolclass=FairPool,
        pool_size=5,
        max_overflow=0,
        pool_timeout=10,
    )
    yield engine
    await engine.dispose()


async def take_all(engine: AsyncEngine) -> list[AsyncConnection]:
    return [await engine.connect() for _ in range(5)]


async def give_back(connections: list[AsyncConnection]) -> None:
    for connection in connections:
        await connection.close()


async def ask(engine: AsyncEngine) -> asyncio.Task[AsyncConnection]:
    """Start a request for a connection; return once it is in the line."""

    async def connect() -> AsyncConnection:
        return await engine.connect()

    asking = asyncio.create_task(connect())
    await asyncio.sleep(0)
    assert not asking.done()
    return asking


async def test_who_asks_just_when_one_comes_back_does_not_overtake(engine: AsyncEngine) -> None:
    served: list[str] = []

    async def use(name: str) -> None:
        async with engine.connect():
            served.append(name)

    one, *others = await take_all(engine)
    waiting = [asyncio.create_task(use(name)) for name in ("first", "second", "third")]
    await asyncio.sleep(0)
    await one.close()
    await use("newcomer")  # before the first has woken up
    await asyncio.gather(*waiting)
    assert served == ["first", "second", "third", "newcomer"]
    await give_back(others)


async def test_who_waits_too_long_is_told_as_by_sqlalchemy_s_pool(engine: AsyncEngine) -> None:
    connections = await take_all(engine)
    engine.pool._timeout = 0.01  # type: ignore[attr-defined]
    with pytest.raises(PoolTimeout, match="QueuePool limit of size 5 overflow 0 reached"):
        await engine.connect()
    await give_back(connections)
    await give_back(await take_all(engine))


async def test_what_came_to_one_who_gave_up_goes_to_the_next(engine: AsyncEngine) -> None:
    one, *others = await take_all(engine)
    gives_up, next_one = await ask(engine), await ask(engine)
    await one.close()
    gives_up.cancel()  # it has been served, and does not know yet
    with pytest.raises(asyncio.CancelledError):
        await gives_up
    await give_back([await next_one, *others])
    await give_back(await take_all(engine))


async def test_who_gave_up_before_is_passed_over(engine: AsyncEngine) -> None:
    one, *others = await take_all(engine)
    gives_up, next_one = await ask(engine), await ask(engine)
    gives_up.cancel()
    await one.close()
    await give_back([await next_one, *others])
    await give_back(await take_all(engine))


async def test_there_are_never_more_than_five(engine: AsyncEngine) -> None:
    in_use = most = 0

    async def use() -> None:
        nonlocal in_use, most
        async with engine.connect() as connection:
            in_use += 1
            most = max(most, in_use)
            await connection.exec_driver_sql("SELECT 1")
            in_use -= 1

    impatient = [asyncio.create_task(use()) for _ in range(20)]
    patient = [asyncio.create_task(use()) for _ in range(40)]
    await asyncio.sleep(0)
    for task in impatient[5::2]:
        task.cancel()
    await asyncio.gather(*patient, *impatient, return_exceptions=True)
    assert most == 5
    assert not any(task.exception() for task in patient)
    assert engine.pool.checkedin() == 5  # type: ignore[attr-defined]
