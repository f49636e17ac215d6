"""Every exit under `--output json` prints one JSON document; mistyped words get a hint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from ops.__main__ import main
from ops.base.failure import SCHEMA

ROOT = Path(__file__).parents[3]


def failure(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--output", "json"]) == 1
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, SCHEMA)
    error: dict[str, Any] = found["error"]
    return error


def test_no_workspace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    error = failure(capsys, "plan", "--env", "prod")
    assert error["message"].startswith("There is no Copilot workspace")
    assert "--workspace" in error["next_step"]


def test_a_mistake_in_a_file_has_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    web = tmp_path / "copilot" / "web"
    web.mkdir(parents=True)
    (tmp_path / "copilot" / ".workspace").write_text("application: shop\n")
    (web / "manifest.yml").write_text("name: web\ntype: Backend Service\n")
    (web / "ops.yml").write_text("alarms:\n  preset: nothing\n")
    error = failure(capsys, "plan", "--env", "prod", "--workspace", str(tmp_path))
    (problem,) = error["problems"]
    assert problem["file"] == "copilot/web/ops.yml"
    assert problem["line"] == 2


@pytest.mark.parametrize("words", [("plna",), ("alarms", "lst"), ("plan", "--evn", "prod")])
def test_usage_errors_are_documents_too(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert failure(capsys, *words)["message"].count("Did you mean") == 1


def test_a_hint_at_the_meant_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plna"]) == 1
    assert "Did you mean 'plan'?" in capsys.readouterr().err
    assert main(["nothing-like-it"]) == 1
    assert "Did you mean" not in capsys.readouterr().err


def test_the_published_schema_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--kind", "failure"]) == 0
    published = (ROOT / "docs" / "schema" / "ops-failure.json").read_text()
    assert json.loads(capsys.readouterr().out) == json.loads(published)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("ops ")


@pytest.mark.parametrize(
    ("shell", "file"),
    [("bash", ".bashrc"), ("zsh", ".zshrc"), ("fish", ".config/fish/completions/ops.fish")],
)
def test_completion_is_installed_once(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    shell: str,
    file: str,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", f"/bin/{shell}")
    assert main(["completion", "install"]) == 0
    text = (tmp_path / file).read_text()
    assert f"{shell}_source ops" in text
    assert main(["completion", "install"]) == 0
    assert (tmp_path / file).read_text() == text
    assert "has it already" in capsys.readouterr().out


def test_an_unknown_shell_is_an_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert main(["completion", "install"]) == 1
    assert "bash, fish, zsh" in capsys.readouterr().err
