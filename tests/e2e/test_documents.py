"""The commands in console blocks of README and the how-to pages: each must work as shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.documents import HOW_TO, commands_of
from tests.e2e.laptop import PATIENCE, ROOT
from tests.waiting import until

if TYPE_CHECKING:
    from tests.e2e.laptop import Laptop

DOCUMENTS = (
    ROOT / "README.md",
    HOW_TO / "run-on-a-laptop.md",
    HOW_TO / "work-with-donations.md",
    HOW_TO / "on-call.md",
)


def _words(text: str) -> list[str]:
    """Return the words that must appear in each run: those without a digit."""
    return re.findall(r"(?<![\w-])[a-z][a-z_-]{2,}(?![\w-])", text)


def _make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


class _Terminal:
    """A shell in the workspace's directory that keeps its variables between commands."""

    def __init__(self, laptop: Laptop) -> None:
        self._laptop = laptop
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._variables = os.environ | {"PATH": path}

    def run(self, command: str) -> str:
        """Run a command, and return its output."""
        command = command.replace("localhost:8000", f"localhost:{self._laptop.port}")
        with tempfile.NamedTemporaryFile("r") as variables:
            done = subprocess.run(
                ["bash", "-euac", f"{command}\nenv --null > {variables.name}"],
                cwd=self._laptop.root,
                env=self._variables,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
            pairs = (line.partition("=") for line in variables.read().split("\0") if line)
            self._variables = {name: value for name, _, value in pairs}
        return done.stdout

    def try_out(self, command: str, words: list[str]) -> None:
        """Run a command until it prints the words; repeat only commands that read."""
        said = ""

        def shows_all() -> bool:
            nonlocal said
            with suppress(AssertionError) if is_patient else nullcontext():  # grep found nothing
                said = self.run(command)
            return all(word in said for word in words)

        # What is read comes once the worker has done its part.
        is_patient = " logs " in command or re.match(r"curl -s [^ ]*/donations/[^ ]*$", command)
        if is_patient:
            until(f"{command} shows {words}", shows_all, PATIENCE)
        else:
            assert shows_all(), f"$ {command}\n{said}"


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_the_commands_of_a_document_work(production: Laptop, page: Path) -> None:
    terminal = _Terminal(production)
    ops_file = production.root / "copilot" / "api" / "ops.yml"
    before = ops_file.read_text()
    try:
        for command, shown in commands_of(page):
            if made := re.search(r"\bmake (\w+)$", command):
                assert made[1] in _make_targets()
                continue
            terminal.try_out(command.replace(".venv/bin/", ""), _words(shown))
    finally:
        ops_file.write_text(before)
        terminal.run("ops local run -- ops sync --yes")


def test_the_documents_show_commands() -> None:
    assert all(commands_of(page) for page in DOCUMENTS)
