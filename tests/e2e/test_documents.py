"""Every command that README and the how-to pages show in a console block does what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.laptop import PATIENCE, ROOT, wait_until

if TYPE_CHECKING:
    from tests.e2e.laptop import Laptop

DOCUMENTS = (ROOT / "README.md", ROOT / "docs" / "how-to" / "run-on-a-laptop.md")


def _commands(page: Path) -> list[tuple[str, str]]:
    """Each command of the page's console blocks, with what the page shows of its output."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL)
    split = (re.split(r"^\$ ", block, flags=re.MULTILINE) for block in blocks)
    entries = [entry for block in split for entry in block if entry]
    return [(command, shown) for command, _, shown in (e.partition("\n") for e in entries)]


def _words(text: str) -> list[str]:
    """What must come again: words without a digit, which identify nothing of one run."""
    return re.findall(r"(?<![\w-])[a-z][a-z_-]{2,}(?![\w-])", text)


def _make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def _run(laptop: Laptop, command: str) -> str:
    bin_directory = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-euc", command.replace("localhost:8000", f"localhost:{laptop.port}")],
        cwd=laptop.root,
        env=os.environ | {"PATH": f"{bin_directory}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
    return done.stdout


def _try(laptop: Laptop, command: str, words: list[str]) -> None:
    """Run a command until it prints the words; only what reads is run more than once."""
    said = ""

    def shows_all() -> bool:
        nonlocal said
        said = _run(laptop, command)
        return all(word in said for word in words)

    if " logs " in command:  # a line comes once the worker has done its part
        wait_until(f"{command} shows {words}", shows_all)
    else:
        assert shows_all(), f"$ {command}\n{said}"


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_the_commands_of_a_document_work(production: Laptop, page: Path) -> None:
    ops_file = production.root / "copilot" / "api" / "ops.yml"
    before = ops_file.read_text()
    try:
        for command, shown in _commands(page):
            if made := re.search(r"\bmake (\w+)$", command):
                assert made[1] in _make_targets()
                continue
            _try(production, command.replace(".venv/bin/", ""), _words(shown))
    finally:
        ops_file.write_text(before)
        _run(production, "ops local run -- ops sync")


def test_the_documents_show_commands() -> None:
    assert all(_commands(page) for page in DOCUMENTS)
