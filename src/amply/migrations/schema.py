"""The schema of the database: brought to what this release needs, and checked when one starts.

    python -m amply migrate     before a release, in a deploy by an init container of the API
    prepare(settings)           at the start of the API and of a worker; beat uses no database
    check(database_url)         by a command that uses the tables

`migrate` holds a lock, so that any number of them may run at the same time, and does nothing when
the schema is as new as this release or newer: an older image can be rolled back to. On PostgreSQL
one that was killed leaves the revisions that it finished, and the next one goes on from there.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from amply.base.errors import ConfigurationError
from amply.base.settings import DEVELOPMENT, Settings
from amply.database.engines import sync_engine
from amply.database.errors import database_errors
from amply.migrations import NEEDED_REVISION

if TYPE_CHECKING:
    from alembic.config import Config

logger = logging.getLogger(__name__)

# PostgreSQL names advisory locks by number. Any will do that no one else uses in this database.
_SCHEMA_LOCK = 0x616D706C79  # "amply"

# How long a service waits for a migration that runs beside it, and how often it looks.
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.5


def prepare(settings: Settings, patience: float = _PATIENCE_SECONDS) -> None:
    """Migrate on a laptop; elsewhere wait up to `patience` seconds for the migration.

    Raise ConfigurationError if the database does not answer or stays at an older revision.
    """
    if settings.environment == DEVELOPMENT:
        migrate(settings.database_url)
        return
    deadline = time.monotonic() + patience
    while lacking := _lacking(settings.database_url):
        if time.monotonic() >= deadline:
            raise ConfigurationError(lacking)
        time.sleep(_PAUSE_SECONDS)


def check(database_url: str) -> None:
    """Check the schema without migrating or waiting.

    Raise ConfigurationError if the database does not answer or is at an older revision.
    """
    if lacking := _lacking(database_url):
        raise ConfigurationError(lacking)


def migrate(database_url: str) -> None:
    """Migrate to NEEDED_REVISION, unless the schema is there or later.

    Raise ConfigurationError if the database does not answer or refuses.
    """
    with _connected(database_url) as connection:
        _lock(connection)
        before = _revision(connection)
        if before is not None and before >= NEEDED_REVISION:
            logger.info("Schema is up to date", extra={"revision": before})
            return
        # Loaded here: a service that finds its schema in place never migrates.
        from alembic import command  # noqa: PLC0415

        if not _is_sqlite(connection):
            connection.commit()  # Alembic opens a transaction for each revision
        command.upgrade(alembic_config(connection), NEEDED_REVISION)
        logger.info("Schema migrated", extra={"revision": NEEDED_REVISION, "before": before})


def revision(database_url: str) -> str | None:
    """Return the database's revision; None if it was never migrated.

    Raise ConfigurationError if the database does not answer.
    """
    with _connected(database_url) as connection:
        return _revision(connection)


def alembic_config(connection: Connection) -> "Config":
    """Return Alembic's configuration: our scripts, on this connection."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connected(database_url: str) -> Iterator[Connection]:
    engine = sync_engine(database_url)
    try:
        with database_errors(), engine.connect() as connection:
            yield connection
            connection.commit()
    finally:
        engine.dispose()


def _lacking(database_url: str) -> str | None:
    """Return an error about the schema, or None."""
    current = revision(database_url)
    if current is not None and current >= NEEDED_REVISION:
        return None
    return (
        f"DATABASE_URL: the schema is at revision {current or 'none'}, and this release "
        f"needs {NEEDED_REVISION}; run `python -m amply migrate`"
    )


def _lock(connection: Connection) -> None:
    """Wait until no one else migrates.

    On SQLite the lock goes with the transaction, on PostgreSQL with the connection: a revision may
    end its transaction to build an index concurrently. That waits until every older transaction in
    the database has ended, so that nobody may wait for the lock inside of one.
    https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
    """
    if _is_sqlite(connection):
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
        return
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:id)"), {"id": _SCHEMA_LOCK}):
        connection.rollback()
        time.sleep(_PAUSE_SECONDS)


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    current: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return current
