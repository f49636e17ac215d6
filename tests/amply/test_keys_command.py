"""`python -m amply keys`: made, shown once, listed, revoked."""

import json
from pathlib import Path

import pytest

from amply.__main__ import main
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
    assert "valid" in listed
    assert key.split("_", 2)[2] not in listed
    main(["keys", "revoke", "Grace"])
    main(["keys", "list"])
    assert "revoked 20" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["create", "Grace"], "Failed: There is a key 'Grace' already; choose another name"),
        (["revoke", "Ada"], "Failed: There is no key 'Ada'; `keys list` shows those there are"),
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
