"""Migrations: they match the models, can be repeated and run in parallel, and services wait."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import ReflectedIndex

from amply.base.errors import ConfigurationError
from amply.base.settings import Settings
from amply.database.engines import sync_engine
from amply.migrations import NEEDED_REVISION, schema
from amply.migrations.tables import METADATA
from tests.amply.support.processes import running
from tests.amply.support.services import postgresql_database


def elsewhere(url: str) -> Settings:
    return Settings(environment="staging", database_url=url)


def set_revision(url: str, revision: str) -> None:
    engine = sync_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    engine.dispose()


def test_models_and_migrations_agree(empty_database: str) -> None:
    schema.migrate(empty_database)
    engine = sync_engine(empty_database)
    with engine.begin() as connection:
        command.check(schema.alembic_config(connection))  # fails on any difference
        checks = {
            check["name"]
            for table in METADATA.tables
            for check in inspect(connection).get_check_constraints(table)
        }
    engine.dispose()
    # Alembic compares no check constraints.
    assert checks == {"donations_amount_check", "donations_status_check"}


def indexes_of(connection: Connection) -> set[tuple[str, str]]:
    """Return every index of our tables, as the database describes it."""
    return {
        (table, repr({**index, "dialect_options": _spelt_out(index)}))
        for table in METADATA.tables
        for index in inspect(connection).get_indexes(table)
    }


def _spelt_out(index: ReflectedIndex) -> dict[str, str]:
    return {name: str(option) for name, option in index.get("dialect_options", {}).items()}


def test_indexes_agree_with_the_models(empty_database: str) -> None:
    """Compare also the conditions of partial indexes, which Alembic does not."""
    schema.migrate(empty_database)
    engine = sync_engine(empty_database)
    with engine.begin() as connection:
        migrated = indexes_of(connection)
        METADATA.drop_all(connection)
        METADATA.create_all(connection)
        assert migrated == indexes_of(connection)
    engine.dispose()


def test_an_index_that_was_cut_off_is_built_anew() -> None:
    """A concurrent build that is interrupted leaves an INVALID index."""
    with postgresql_database() as url:
        schema.migrate(url)
        set_revision(url, "0002")
        invalid = text(
            "UPDATE pg_index SET indisvalid = false "
            "WHERE indexrelid = 'receipts_unsent_idx'::regclass"
        )
        engine = sync_engine(url)
        with engine.begin() as connection:
            connection.execute(invalid)
        schema.migrate(url)
        with engine.begin() as connection:
            assert connection.scalar(text("SELECT bool_and(indisvalid) FROM pg_index"))
        engine.dispose()
        assert schema.revision(url) == NEEDED_REVISION


def wait_until_someone_waits(url: str) -> None:
    """Wait until a connection to this database is blocked by another."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    deadline = time.monotonic() + 60
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(waits, [connection.info.dbname]).fetchone() == (0,):
            assert time.monotonic() < deadline, "nobody waited in a minute"


def test_indexes_are_built_while_donations_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    with postgresql_database() as url, ThreadPoolExecutor(1) as thread:
        with monkeypatch.context() as before:
            before.setattr(schema, "NEEDED_REVISION", "0002")
            schema.migrate(url)
        with psycopg.connect(url) as writer:
            writer.execute("UPDATE donations SET amount = amount")
            migration = thread.submit(schema.migrate, url)
            wait_until_someone_waits(url)  # the migration, until this transaction has ended
            with psycopg.connect(url, options="-c lock_timeout=5s") as another:
                another.execute("UPDATE donations SET amount = amount")
        migration.result()
        assert schema.revision(url) == NEEDED_REVISION


def test_the_needed_revision_is_the_newest_of_one_line() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).parent))
    assert scripts.get_heads() == [NEEDED_REVISION]
    line = [script.revision for script in scripts.walk_revisions()]
    assert line == sorted(line, reverse=True)  # they are compared as text


def test_from_many_places_at_once_it_is_done_once(empty_database: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(schema.migrate, empty_database) for _ in range(4)]:
            done.result()
    schema.migrate(empty_database)
    assert schema.revision(empty_database) == NEEDED_REVISION


def test_a_newer_schema_is_left_alone_so_that_a_release_can_be_rolled_back(
    empty_database: str,
) -> None:
    schema.migrate(empty_database)
    set_revision(empty_database, "9999")
    schema.migrate(empty_database)
    schema.prepare(elsewhere(empty_database), patience=0)
    assert schema.revision(empty_database) == "9999"


@pytest.mark.parametrize("found", [None, "0000"])
def test_an_older_schema_is_told_in_one_line(empty_database: str, found: str | None) -> None:
    if found:
        schema.migrate(empty_database)
        set_revision(empty_database, found)
    with pytest.raises(ConfigurationError) as raised:
        schema.prepare(elsewhere(empty_database), patience=0)
    assert str(raised.value) == (
        f"DATABASE_URL: the schema is at revision {found or 'none'}, and this release needs "
        f"{NEEDED_REVISION}; run `python -m amply migrate`"
    )


def test_a_service_waits_for_a_migration_that_runs_beside_it(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pause_until_done(_seconds: float) -> None:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(schema.migrate, empty_database).result()

    monkeypatch.setattr("amply.migrations.schema.time.sleep", pause_until_done)
    schema.prepare(elsewhere(empty_database))
    assert schema.revision(empty_database) == NEEDED_REVISION


def test_on_a_laptop_a_service_migrates_by_itself(empty_database: str) -> None:
    schema.prepare(Settings(database_url=empty_database))
    assert schema.revision(empty_database) == NEEDED_REVISION


def test_a_failed_migration_leaves_nothing(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_halfway(config: object, _: str) -> None:
        config.attributes["connection"].exec_driver_sql("CREATE TABLE half (id INT)")  # type: ignore[attr-defined]
        raise RuntimeError

    monkeypatch.setattr(command, "upgrade", fail_halfway)
    with pytest.raises(RuntimeError):
        schema.migrate(empty_database)
    engine = sync_engine(empty_database)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    engine.dispose()


def test_the_command(empty_database: str, tmp_path: Path) -> None:
    for said in ("Schema migrated", "Schema is up to date"):
        given = {"DATABASE_URL": empty_database}
        with running(["python", "-m", "amply", "migrate"], given, tmp_path) as process:
            assert process.wait() == 0, process.lines
        assert said in process.lines[-1]


def test_a_database_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    url = "postgresql://user:hunter2@127.0.0.1:1/amply"
    assert make_url(url).password == "hunter2"
    given = {"DATABASE_URL": url}
    with running(["python", "-m", "amply", "migrate"], given, tmp_path) as process:
        assert process.wait() == 1
    (line,) = process.lines
    assert "Failed: DATABASE_URL: " in line
    assert "hunter2" not in line
