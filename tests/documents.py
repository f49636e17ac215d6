"""The examples in the documents: files to write, and commands with their output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HOW_TO = Path(__file__).parents[1] / "docs" / "how-to"
_BLOCK = re.compile(r"^( *)```(console|yaml|dockerfile)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"# (copilot/\S+)\n")


@dataclass(frozen=True)
class Block:
    """A block of a page: a file to write, or commands with what they print."""

    kind: str
    text: str

    @property
    def path(self) -> str | None:
        """Return the file of the workspace that the block's first line names."""
        named = _FILE.match(self.text) if self.kind == "yaml" else None
        return named[1] if named else None

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Return each command with the output that the page shows."""
        if self.kind != "console":
            return []
        text = re.sub(r" \\\n +", " ", self.text)  # a command that goes on in the next line
        entries = [each for each in re.split(r"^\$ ", text, flags=re.MULTILINE) if each]
        return [(command, shown) for command, _, shown in (e.partition("\n") for e in entries)]


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page, in order, without the indentation of their list."""
    return [
        Block(kind, re.sub(f"^{indent}", "", block, flags=re.MULTILINE))
        for indent, kind, block in _BLOCK.findall(page.read_text())
    ]


def commands_of(page: Path) -> list[tuple[str, str]]:
    """Return every command of a page, with the output that it shows."""
    return [command for block in blocks_of(page) for command in block.commands]


def missing(shown: str, said: str) -> list[str]:
    """Return the lines that a page shows and the output lacks; `…` stands for any lines."""
    lines = [each.strip() for each in shown.splitlines()]
    return [each for each in lines if each not in ("", "…") and each not in said]
