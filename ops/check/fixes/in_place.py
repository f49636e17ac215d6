"""A hit with the edit that replaces one piece of text on its line."""

from dataclasses import replace
from pathlib import Path

from ops.check.edits import FileEdit, ReplaceInLine
from ops.check.files.reading import read_text
from ops.check.finding import Hit


def replacing(root: Path, hit: Hit, old: str, new: str) -> Hit:
    """Return the hit, with an edit if the text occurs exactly once."""
    edit = ReplaceInLine(hit.line, old, new)
    text = read_text(root / hit.path) or ""
    return replace(hit, edits=(FileEdit(hit.path, edit),)) if edit.apply(text) != text else hit
