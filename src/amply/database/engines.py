"""Connections to the database, for the event loop of the API and for the tasks of a worker.

The API uses asynchronous drivers (asyncpg, aiosqlite). Tasks are synchronous code in a process of
their own and use synchronous ones (psycopg, sqlite3): docs/decisions/0008-database.md.
"""

from typing import Any
from urllib.parse import urlencode

from sqlalchemy import (
    URL,
    Engine,
    ExceptionContext,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from amply.base.errors import ConfigurationError
from amply.database.errors import keep_values_out_of_errors
from amply.database.fair_pool import FairPool

# How long a server that hangs is waited for, as one does in a failover of RDS.
_SECONDS_TO_CONNECT = 5
_SECONDS_TO_ANSWER = 10.0

# Ten api tasks hold at most 10 x (5 + 1) connections, and 20 workers 20 x 4 x 1: 140. While a
# deploy of either runs twice as many of it, at most 220: a db.t4g.small takes about 225.
# docs/decisions/0008-database.md has the table.
_API_POOL = {"poolclass": FairPool, "max_overflow": 0, "pool_timeout": 5}
_TASK_POOL = {"pool_size": 1, "max_overflow": 0, "pool_pre_ping": True}

# A server that is gone without a word is found out within 25 s, for a task is told to end after 60.
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CONNECT-TIMEOUT
_TASK_LIMITS = {
    "connect_timeout": _SECONDS_TO_CONNECT,
    "keepalives_idle": 10,  # seconds, as the next one
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}

_SQLITE_PRAGMAS = (
    "PRAGMA busy_timeout = 15000",  # first: the next one needs the lock that others may hold
    "PRAGMA journal_mode = WAL",  # readers of other processes do not wait for a writer
    "PRAGMA synchronous = NORMAL",
)


def async_engine(
    database_url: str,
    *,
    pool_size: int = 5,
    connect_within: float = _SECONDS_TO_CONNECT,
    answer_within: float = _SECONDS_TO_ANSWER,
) -> AsyncEngine:
    """Create the engine of an API process, which connects on first use.

    If PostgreSQL exceeds a time limit (seconds), raise TimeoutError and replace the connection.
    Raise ConfigurationError for SQLite where its driver is not installed, as in the image.
    """
    url = _with_driver(database_url, postgresql="asyncpg", sqlite="aiosqlite")
    url, limits = _as_asyncpg_reads_it(url, connect_within, answer_within)
    try:
        engine = create_async_engine(
            url,
            hide_parameters=True,
            **_of_a_server(url, limits, {**_API_POOL, "pool_size": pool_size}),
        )
    except ModuleNotFoundError as error:
        msg = f"DATABASE_URL: needs the package {error.name}, of the extra `embedded`"
        raise ConfigurationError(msg) from None
    _prepare_sqlite(engine.sync_engine)
    _replace_closed_connections(engine.sync_engine)
    _replace_silent_connections(engine.sync_engine)
    keep_values_out_of_errors(engine.sync_engine)
    return engine


def sync_engine(database_url: str) -> Engine:
    """Create the engine of one process of a worker; it connects on first use."""
    url = _with_driver(database_url, postgresql="psycopg", sqlite="pysqlite")
    limits = {name: limit for name, limit in _TASK_LIMITS.items() if name not in url.query}
    engine = create_engine(url, hide_parameters=True, **_of_a_server(url, limits, _TASK_POOL))
    _prepare_sqlite(engine)
    keep_values_out_of_errors(engine)
    return engine


def _with_driver(database_url: str, **drivers: str) -> URL:
    url = make_url(database_url)
    backend = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
    return url.set(drivername=f"{backend}+{drivers[backend]}")


def _as_asyncpg_reads_it(
    url: URL, connect_within: float, answer_within: float
) -> tuple[URL, dict[str, Any]]:
    """Translate libpq's options for asyncpg, which has other names or reads them in a DSN only."""
    query = dict(url.query)
    connect_within = float(str(query.pop("connect_timeout", connect_within)))
    arguments: dict[str, Any] = {"timeout": connect_within, "command_timeout": answer_within}
    tls: dict[str, object] = {
        name: query.pop(name) for name in ("sslmode", "sslrootcert") if name in query
    }
    if tls:
        arguments["dsn"] = f"postgresql://?{urlencode(tls)}"  # the rest is given beside it
    return url.set(query=query), arguments


def _of_a_server(url: URL, limits: dict[str, Any], pool: dict[str, Any]) -> dict[str, Any]:
    if url.get_backend_name() != "postgresql":
        return {}
    return {"connect_args": limits, **pool}


def _replace_closed_connections(engine: Engine) -> None:
    """Make the pool replace connections that the server has closed.

    asyncpg hears of that at once: asking it costs nothing, pool_pre_ping a round trip each time.
    """
    if engine.dialect.name != "postgresql":
        return

    @event.listens_for(engine, "checkout")
    def _check(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        connection: Any = record.driver_connection  # asyncpg's
        if connection.is_closed():
            raise DisconnectionError


def _replace_silent_connections(engine: Engine) -> None:
    """Make the pool replace its connections after one of them gave no answer in time.

    asyncpg has asked the server to cancel by then, and would go on waiting for that answer.
    """

    @event.listens_for(engine, "handle_error")
    def _note(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, TimeoutError):
            context.is_disconnect = True


def _prepare_sqlite(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _apply_pragmas(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in _SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()
