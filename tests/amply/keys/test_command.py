"""`python -m amply keys`: keys are created, shown once, listed and revoked."""

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from amply.__main__ import main
from amply.database.engines import sync_engine
from amply.keys.api_keys import GivenKey
from amply.keys.models import ApiKey
from amply.migrations.schema import migrate


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/amply.db"
    migrate(url)
    monkeypatch.setenv("DATABASE_URL", url)


def test_a_key_is_shown_once_and_listed_without_its_secret(
    capfd: pytest.CaptureFixture[str],
) -> None:
    main(["keys", "create", "Grace"])
    key = capfd.readouterr().out.strip()
    assert key.startswith("amply_")
    main(["keys", "list"])
    listed = capfd.readouterr().out
    assert listed.startswith("Grace  made 20")
    assert ", read, valid until 20" in listed
    assert key.split("_", 2)[2] not in listed
    main(["keys", "revoke", "Grace"])
    main(["keys", "list"])
    assert "revoked 20" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["create", "Grace"], "Failed: There is a key 'Grace' already; choose another name"),
        (["revoke", "Ada"], "Failed: There is no key 'Ada'; `keys list` lists the keys"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    arguments: list[str], told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    main(["keys", "create", "Grace"])
    capfd.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["keys", *arguments])
    assert ended.value.code == 1
    assert json.loads(capfd.readouterr().out)["message"] == told


def test_a_key_of_nobody_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["keys", "create", ""])
    assert "a key needs a name" in capfd.readouterr().err


def test_a_key_that_is_made_elsewhere_is_stored_by_its_digest(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task on AWS, whose output is in CloudWatch Logs, must never print a key."""
    url = os.environ["DATABASE_URL"]
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("ENVIRONMENT", "production")
    main(["keys", "generate"])
    key, digest = capfd.readouterr().out.splitlines()
    monkeypatch.delenv("ENVIRONMENT")
    monkeypatch.setenv("DATABASE_URL", url)
    main(["keys", "create", "Grace", "--digest", digest])
    assert key.split("_", 2)[2] not in capfd.readouterr().out
    given = GivenKey.parse(key)
    engine = sync_engine(url)
    with Session(engine) as session:
        stored = session.scalars(select(ApiKey)).one()
    engine.dispose()
    assert given is not None
    assert given.is_it(stored)


@pytest.mark.parametrize("digest", ["", "0123456789abcdef", "0123456789abcdef:" + "g" * 64])
def test_what_is_no_digest_is_refused(digest: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["keys", "create", "Grace", "--digest", digest])
    assert "keys generate" in capfd.readouterr().err
