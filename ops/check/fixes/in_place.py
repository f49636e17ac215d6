"""A hit with the fix that replaces one piece of text on its line."""

from dataclasses import replace
from pathlib import Path

from ops.check.edits import Fix, ReplaceInLine
from ops.check.finding import Hit
from ops.check.reading import read_text


def replacing(root: Path, hit: Hit, old: str, new: str) -> Hit:
    """Return the hit with its fix; without one where the text is not there exactly once."""
    edit = ReplaceInLine(hit.line, old, new)
    text = read_text(root / hit.path) or ""
    return replace(hit, fixes=(Fix(hit.path, edit),)) if edit.apply(text) != text else hit
