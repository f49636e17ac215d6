"""The database used by several processes, and the URLs that the settings accept."""

import asyncio
import socket
import sys
import time
import traceback
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from amply.base.errors import ConfigurationError
from amply.database.engines import async_engine, sync_engine
from amply.donations.models import Donation
from amply.migrations.schema import migrate
from tests.amply.support.processes import running
from tests.amply.support.tls_server import certificate, tls_server

# Each process migrates, then writes one donation after the other.
WRITE_TWENTY = """
import sys
from sqlalchemy.orm import Session
from amply.database.engines import sync_engine
from amply.migrations.schema import migrate
from amply.donations.models import Donation

migrate(sys.argv[1])
engine = sync_engine(sys.argv[1])
for _ in range(20):
    with Session(engine) as session, session.begin():
        session.add(Donation(amount=1, currency="EUR", donor_email="a@b.c", payment_method="pm_1"))
"""


def donation(**fields: object) -> Donation:
    given = {"amount": 1, "currency": "EUR", "donor_email": "a@b.c", "payment_method": "pm_1"}
    return Donation(**{**given, **fields})


def test_processes_start_and_write_at_the_same_time(empty_database: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITE_TWENTY, empty_database]
    with ExitStack() as stack:
        processes = [stack.enter_context(running(command, {}, tmp_path)) for _ in range(4)]
        for process in processes:
            assert process.wait() == 0, process.lines
    engine = sync_engine(empty_database)
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Donation)) == 80
    engine.dispose()


def test_instants_come_back_aware_and_in_utc(database_url: str) -> None:
    engine = sync_engine(database_url)
    with Session(engine) as session, session.begin():
        session.add(donation(id="don_1"))
    with Session(engine) as session:
        created = session.get_one(Donation, "don_1").created_at
    assert str(created.tzinfo) == "UTC"
    engine.dispose()


@pytest.mark.parametrize("field", [{"status": "lost"}, {"amount": 0}])
def test_the_database_itself_refuses_nonsense(database_url: str, field: dict[str, object]) -> None:
    engine = sync_engine(database_url)
    with pytest.raises(IntegrityError) as raised, Session(engine) as session, session.begin():
        session.add(donation(**field, donor_email="ada@example.org"))
    engine.dispose()
    assert_says_what_and_not_whose(raised.value)


async def test_nor_do_errors_of_the_api_say_whose_it_was(database_url: str) -> None:
    engine = async_engine(database_url)
    with pytest.raises(IntegrityError) as raised:
        async with AsyncSession(engine) as session, session.begin():
            session.add(donation(amount=0, donor_email="ada@example.org"))
    await engine.dispose()
    assert_says_what_and_not_whose(raised.value)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_nor_does_a_driver_that_rejects_the_value(database_url: str) -> None:
    """Neither the server's `invalid input syntax` nor asyncpg's own error repeats the value."""
    statement = text("SELECT CAST(:value AS integer)")
    given = {"value": "ada@example.org"}
    sync, asynchronous = sync_engine(database_url), async_engine(database_url)
    with pytest.raises(DBAPIError) as psycopg_error, Session(sync) as session:
        session.execute(statement, given)
    with pytest.raises(DBAPIError) as asyncpg_error:
        async with AsyncSession(asynchronous) as session_of_api:
            await session_of_api.execute(statement, given)
    sync.dispose()
    await asynchronous.dispose()
    for raised in (psycopg_error, asyncpg_error):
        told = "".join(traceback.format_exception(raised.value))
        assert "ada@example.org" not in told
        assert "invalid input" in told


def assert_says_what_and_not_whose(error: IntegrityError) -> None:
    """Check that a logged traceback has the error and no value of a donor."""
    told = "".join(traceback.format_exception(error))
    assert "ada@example.org" not in told
    assert "don_" not in told
    assert "check constraint" in told.lower()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_each_side_gets_its_driver(scheme: str) -> None:
    url = f"{scheme}://user:password@host/name"
    assert sync_engine(url).url.render_as_string() == "postgresql+psycopg://user:***@host/name"
    assert async_engine(url).url.render_as_string() == "postgresql+asyncpg://user:***@host/name"


@pytest.mark.parametrize(
    ("mode", "host", "is_trusted"),
    [
        ("verify-full", "localhost", True),
        ("verify-full", "127.0.0.1", False),  # not whom the certificate is for
        ("verify-ca", "127.0.0.1", True),
        ("require", "127.0.0.1", True),
    ],
)
@pytest.mark.parametrize("is_ours", [True, False])
async def test_both_sides_trust_the_same_servers(
    tmp_path: Path, mode: str, host: str, is_trusted: bool, is_ours: bool
) -> None:
    shown = certificate(tmp_path, "localhost")
    authority = shown if is_ours else certificate(tmp_path, "localhost")
    async with tls_server(shown) as (port, trusted):
        query = f"sslmode={mode}&sslrootcert={authority}&connect_timeout=30"
        url = f"postgresql://user@{host}:{port}/name?{query}"
        of_a_task, of_the_api = sync_engine(url), async_engine(url)
        with suppress(DBAPIError, OSError):
            await asyncio.to_thread(of_a_task.connect)
        with suppress(DBAPIError, OSError):
            await of_the_api.connect()
        assert [await trusted.get(), await trusted.get()] == [is_trusted and is_ours] * 2


async def test_both_sides_take_the_limit_that_a_url_sets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://u@127.0.0.1:{silent.getsockname()[1]}/name?connect_timeout=2"
        started = time.monotonic()
        of_a_task, of_the_api = sync_engine(url), async_engine(url)
        waits = (asyncio.to_thread(of_a_task.connect), of_the_api.connect())
        errors = await asyncio.gather(*waits, return_exceptions=True)
        assert [type(error) for error in errors] == [OperationalError, TimeoutError]
        assert time.monotonic() - started < 5  # the limit when a URL sets none


def test_a_database_that_does_not_answer_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"^DATABASE_URL: ") as raised:
        migrate("postgresql://user:hunter2@127.0.0.1:1/amply")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://hunter2:hunter2@127.0.0.1:1/hunter2",  # nothing listens
        "postgresql://hunter2:hunter2@hunter2.invalid/hunter2",  # no such host
        "postgresql://postgres@127.0.0.1/hunter2",  # no such database
    ],
)
async def test_what_a_driver_says_of_the_url_is_in_no_error(url: str) -> None:
    of_a_task, of_the_api = sync_engine(url), async_engine(url)
    with pytest.raises(Exception) as first:  # noqa: PT011 - whatever the driver raises
        await asyncio.to_thread(of_a_task.connect)
    with pytest.raises(Exception) as second:  # noqa: PT011
        await of_the_api.connect()
    await of_the_api.dispose()
    with pytest.raises(ConfigurationError) as third:
        migrate(url)
    for raised in (first, second, third):
        lines = traceback.format_exception(raised.value)
        assert "hunter2" not in "".join(line for line in lines if __file__ not in line)


def test_sqlite_lets_others_read_while_one_writes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/wal.db"
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
