"""Edits of YAML text. An edit that does not fit changes nothing. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from ops.copilot.workspace.document import parse_document
from ops.copilot.workspace.plain import plain
from ops.copilot.workspace.problems import WorkspaceError


class Edit(Protocol):
    """A change of one file's text."""

    def apply(self, text: str) -> str:
        """Return the changed text, or the same text if the edit does not fit."""
        ...


@dataclass(frozen=True)
class FileEdit:
    """An edit of one file, which may not exist yet. The path starts at the workspace's root."""

    path: Path
    edit: Edit


@dataclass(frozen=True)
class ReplaceInLine:
    """The replacement of a text that occurs exactly once in a line. Lines count from 1."""

    line: int
    old: str
    new: str

    def apply(self, text: str) -> str:
        """Change only that line."""
        lines = text.splitlines(keepends=True)
        if self.line > len(lines) or lines[self.line - 1].count(self.old) != 1:
            return text
        lines[self.line - 1] = lines[self.line - 1].replace(self.old, self.new)
        return "".join(lines)


@dataclass(frozen=True)
class SetKey:
    """A new key with a text value in a top-level mapping of a manifest, such as `variables`."""

    section: str
    key: str
    value: str

    def apply(self, text: str) -> str:
        """Add one line to a block mapping, or add the section if it is absent."""
        before = _mapping(text)
        section = before.get(self.section) if before is not None else None
        if before is None or not isinstance(section, dict | None) or self.key in (section or {}):
            return text
        entry = f'{self.key}: "{self.value}"'
        expected = {**before, self.section: {**(section or {}), self.key: self.value}}
        return _checked(text, _with_entry(text, self.section, entry), _mapping, expected)


@dataclass(frozen=True)
class Patch:
    """One operation of `cfn.patches.yml`. The value is text that needs no quotes in YAML."""

    op: str
    path: str
    value: str

    def lines(self) -> list[str]:
        """Return the operation as lines of a YAML list."""
        return [f"- op: {self.op}", f"  path: {self.path}", f"  value: {self.value}"]


@dataclass(frozen=True)
class AddPatches:
    """Operations to append to `cfn.patches.yml`, below a comment.

    https://aws.github.io/copilot-cli/docs/developing/overrides/yamlpatch/
    """

    comment: str  # one line
    patches: tuple[Patch, ...]

    def apply(self, text: str) -> str:
        """Append the operations; in a file without operations they are the first."""
        before = _operations(text)
        if before is None:
            return text
        added = [f"# {self.comment}", *(line for patch in self.patches for line in patch.lines())]
        indent = _indentation(text)
        block = "".join(f"{indent}{line}\n" for line in added)
        gap = "\n" if text.strip() else ""
        expected = [*before, *(vars(patch) for patch in self.patches)]
        return _checked(text, _ended(text) + gap + block, _operations, expected)


def _with_entry(text: str, section: str, entry: str) -> str:
    """Return the text with a new first entry in a section."""
    document = parse_document(text.encode(), Path())
    node = document.child(section)
    if node is None:
        return f"{_ended(text)}\n{section}:\n  {entry}\n"
    if not isinstance(node, yaml.MappingNode) or not node.value:
        return text
    lines = text.splitlines(keepends=True)
    line, column = node.start_mark.line, node.start_mark.column
    if node.flow_style:
        row = lines[line]
        lines[line] = f"{row[: column + 1]}{entry}, {row[column + 1 :]}"
    else:
        lines.insert(line, f"{' ' * column}{entry}\n")
    return "".join(lines)


def _checked(text: str, changed: str, read: Callable[[str], Any], expected: object) -> str:
    """Return the changed text, with the line endings of the original, if it reads as expected.

    Return the original text otherwise.
    """
    if "\r\n" in text:
        changed = re.sub("\r?\n", "\r\n", changed)
    return changed if read(changed) == expected else text


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _indentation(text: str) -> str:
    match = re.search(r"^( *)- ", text, re.MULTILINE)
    return match[1] if match else ""


def _mapping(text: str) -> dict[str, Any] | None:
    try:
        document = parse_document(text.encode(), Path())
    except WorkspaceError:
        return None
    data = plain(document.root)
    return data if isinstance(data, dict) and document.unread is None else None


def _operations(text: str) -> list[Any] | None:
    """Return the operations of a file of patches; None if the file is not a list of them."""
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return None
    if not documents or (len(documents) == 1 and documents[0] is None):
        return []
    data = plain(documents[0]) if len(documents) == 1 else None
    return data if isinstance(data, list) else [] if data == "" else None
