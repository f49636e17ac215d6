"""`python -m amply`: an error is one line and exit code 1; production's checks apply."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from amply.__main__ import main
from amply.database.engines import sync_engine

KEYS = [["keys", "create", "Grace"], ["keys", "list"], ["keys", "revoke", "Grace"]]


def told_of(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    """Return the one line with which a command fails."""
    capfd.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 1
    written = capfd.readouterr()
    assert written.err == ""
    (line,) = written.out.splitlines()
    assert "exception" not in json.loads(line)
    return str(json.loads(line)["message"])


@pytest.mark.parametrize("arguments", KEYS)
def test_keys_need_a_schema(
    arguments: list[str],
    empty_database: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database)
    told = told_of(arguments, capfd)
    assert told.startswith("Failed: DATABASE_URL: the schema is at revision none")
    assert told.endswith("run `python -m amply migrate`")


@pytest.mark.parametrize("arguments", KEYS)
def test_what_the_database_refuses_is_told(
    arguments: list[str],
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    engine = sync_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE api_keys"))
    engine.dispose()
    monkeypatch.setenv("DATABASE_URL", database_url)
    told = told_of(arguments, capfd)
    assert told.startswith("Failed: DATABASE_URL: ")
    assert "api_keys" in told


@pytest.mark.parametrize("arguments", [*KEYS, ["migrate"]])
def test_a_database_that_is_down_is_told(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://amply:hunter2@127.0.0.1:1/amply")
    told = told_of(arguments, capfd)
    assert told.startswith("Failed: DATABASE_URL: connection failed")
    assert "hunter2" not in told


@pytest.mark.parametrize("arguments", [*KEYS, ["migrate"]])
def test_production_is_no_file_that_nobody_named(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert told_of(arguments, capfd) == (
        f"Failed: DATABASE_URL: not set, and {arguments[0]} needs it in production"
    )
    monkeypatch.setenv("DATABASE_URL", "sqlite:///amply.db")
    assert told_of(arguments, capfd).startswith("Failed: DATABASE_URL: names SQLite: not in prod")
    assert not list(tmp_path.glob("*.db"))


def test_a_name_is_as_long_as_its_column(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    main(["keys", "create", "g" * 100])
    for name in ("g" * 101, "Grace\nHopper", "Grace\udcff"):
        with pytest.raises(SystemExit):
            main(["keys", "create", name])
        assert "a key's name has at most 100 characters" in capfd.readouterr().err
