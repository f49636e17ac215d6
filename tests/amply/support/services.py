"""PostgreSQL and Redis of this machine, for tests that use real ones."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
import redis
from psycopg import sql

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432"
REDIS = "redis://127.0.0.1:6379/0"


def absent(what: str, error: Exception) -> None:
    """Skip the test on a laptop; fail it in CI, where the service must exist."""
    reason = f"{what} does not answer: {error}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def postgresql_database(template: str = "template1") -> Iterator[str]:
    """The URL of a new database, a copy of the template, dropped afterwards."""
    try:
        server = psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True, connect_timeout=30)
    except psycopg.OperationalError as error:
        absent("PostgreSQL on 127.0.0.1:5432", error)
        raise
    name = f"amply_test_{uuid4().hex}"
    with server:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield f"{POSTGRESQL}/{name}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def cut_off(url: str) -> None:
    """End every connection to a database, and refuse new ones."""
    name = sql.Identifier(url.rpartition("/")[2])
    with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True) as server:
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [url.rpartition("/")[2]],
        )


def require_redis() -> str:
    """The URL of the machine's Redis."""
    try:
        with redis.Redis.from_url(REDIS, socket_connect_timeout=30) as client:
            client.ping()
    except redis.RedisError as error:
        absent("Redis on 127.0.0.1:6379", error)
    return REDIS
