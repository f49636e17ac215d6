"""Shell completion."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.shell_completion import BashComplete, ZshComplete

from ops.base.kinds import KINDS
from ops.commands.cli import cli

if TYPE_CHECKING:
    from pathlib import Path


def offered(*words: str, incomplete: str = "") -> list[str]:
    shell = BashComplete(cli, {}, "ops", "_OPS_COMPLETE")
    return [item.value for item in shell.get_completions(list(words), incomplete)]


def test_commands_and_kinds_are_offered() -> None:
    assert {"plan", "sync", "schema", *(kind.command for kind in KINDS)} <= set(offered())
    assert offered(incomplete="dash") == ["dashboards"]


@pytest.mark.parametrize("shell", [BashComplete, ZshComplete])
def test_a_command_comes_with_its_line_of_help(shell: type[BashComplete]) -> None:
    (item,) = shell(cli, {}, "ops", "_OPS_COMPLETE").get_completions([], "sche")[:1]
    assert item.help


def test_a_kinds_commands_are_offered() -> None:
    assert {"plan", "sync", "list"} <= set(offered("alarms"))


def test_environments_come_from_the_workspace(workspace: Path) -> None:
    assert offered("plan", "--env") == ["prod", "staging"]
    assert offered("alarms", "sync", "-e", incomplete="st") == ["staging"]


def test_environments_of_the_workspace_that_is_named(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert offered("plan", "--env") == []
    assert offered("plan", "--workspace", str(workspace), "--env") == ["prod", "staging"]


def test_services_come_from_the_workspace_each_once(workspace: Path) -> None:
    assert offered("status") == ["web", "worker"]
    assert offered("logs", "web") == ["worker"]
    assert offered("why", incomplete="we") == ["web"]
    assert offered("queue", "show", incomplete="wo") == ["worker"]


def test_a_workspace_that_cannot_be_read_offers_nothing(workspace: Path) -> None:
    (workspace / "copilot/web/manifest.yml").write_text("name: [")
    assert offered("plan", "--env") == ["prod", "staging"]  # one service's alone
    (workspace / "copilot/.workspace").write_text("application: [")
    assert offered("plan", "--env") == []


def test_the_first_word_is_offered_without_loading_any_command() -> None:
    script = (
        "import sys; sys.argv = ['ops']; from ops.__main__ import main\n"
        "try: main([])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('botocore', 'pydantic', 'yaml') if name in sys.modules])"
    )
    environment = {**os.environ, "_OPS_COMPLETE": "bash_complete"}
    asked = {"COMP_WORDS": "ops pl", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment | asked,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["plain,plan", "[]"]
