"""Refusals of `ops local up`, in one line before anything starts, and its questions."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops.__main__ import main
from ops.base.errors import OpsError
from ops.copilot.workspace import load_workspace
from ops.local.run.shell import replaced

if TYPE_CHECKING:
    from ops.copilot.workspace import Workspace

ROOT = Path(__file__).parents[3]


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "copilot", tmp_path / "copilot")
    return tmp_path


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test if the session is imported, because every refusal comes before that."""
    monkeypatch.setitem(sys.modules, "ops.local.run.session", None)


def refusal(root: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["local", "up", "--workspace", str(root), "--env", "prod", *options]) == 1
    said = capsys.readouterr()
    assert "✔" not in said.out
    return said.err


def test_an_environment_that_no_file_mentions(
    committed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refusal(committed, capsys, "--env", "nope")
    assert "names an environment `nope`" in said
    assert len(said.splitlines()) <= 2


@pytest.mark.parametrize("port", ["0", "99999", "-1"])
def test_a_port_that_there_is_not(
    committed: Path, capsys: pytest.CaptureFixture[str], port: str
) -> None:
    assert "1<=x<=65535" in refusal(committed, capsys, f"--port={port}")


def test_a_mistake_in_an_ops_file(committed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = committed / "copilot/worker/ops.yml"
    path.write_text(path.read_text().replace("preset: queue-worker", "preset: queue-wroker"))
    assert "copilot/worker/ops.yml:" in refusal(committed, capsys)


def test_a_database_on_another_machine(
    committed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of another project, exported in the shell, is not migrated."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:secret@db.example.org/other")
    said = refusal(committed, capsys)
    assert "DATABASE_URL (db.example.org)" in said
    assert "--yes" in said
    assert "secret" not in said


def test_a_live_key(
    committed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_51Nsecret")
    said = refusal(committed, capsys, "--yes")
    assert "STRIPE_SECRET_KEY in your shell is a live key" in said
    assert "51Nsecret" not in said


@pytest.fixture
def workspace(committed: Path) -> Workspace:
    return load_workspace(committed)


def test_what_the_shell_replaces_is_listed(workspace: Workspace) -> None:
    shell = {
        "IMAGE_TAG": "v2",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "DATABASE_URL": "postgresql+asyncpg://u:p@[::1]/db",
        "STRIPE_SECRET_KEY": "sk_test_mine",
        "UNRELATED": "1",
    }
    assert list(map(str, replaced(workspace, "prod", shell))) == [
        "DATABASE_URL",
        "IMAGE_TAG",
        "REDIS_URL",
        "STRIPE_SECRET_KEY",
    ]
    assert replaced(workspace, "prod", {}) == []
    with pytest.raises(OpsError, match="live key"):
        replaced(workspace, "prod", {"STRIPE_SECRET_KEY": "rk_live_x"})
