"""The changes of files that `ops check --fix` makes, from findings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from ops.check.edits import AddPatches, Edit, FileEdit, Patch, ReplaceInLine
from ops.check.finding import Finding


@dataclass(frozen=True)
class Change:
    """A file's text before and after the fixes. `before` is None for a new file."""

    path: Path
    before: str | None
    after: str

    def diff(self) -> str:
        """Return the change as a unified diff."""
        old = f"a/{self.path.as_posix()}" if self.before is not None else "/dev/null"
        return "".join(
            f"{line}\n"
            for line in unified_diff(
                (self.before or "").splitlines(),
                self.after.splitlines(),
                old,
                f"b/{self.path.as_posix()}",
                lineterm="",
            )
        )


def changes(root: Path, findings: Iterable[Finding]) -> Iterator[Change]:
    """Yield each changed file. Equal edits of several findings are made once."""
    edits: dict[Path, dict[FileEdit, None]] = {}
    for finding in findings:
        for edit in finding.edits:
            edits.setdefault(edit.path, {})[edit] = None
    for path, of_file in sorted(edits.items()):
        before = _text(root / path) if (root / path).exists() else None
        after = before or ""
        for change in _ordered(edit.edit for edit in of_file):
            after = change.apply(after)
        if after != (before or ""):
            yield Change(path, before, after)


def _ordered(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits in the order in which they are applied; patches below one comment are one
    edit.

    Lines are counted in the original file, so an edit that adds lines comes after those that only
    change one.
    """
    patches: dict[str, list[Patch]] = {}
    others: list[Edit] = []
    for edit in edits:
        if isinstance(edit, AddPatches):
            patches.setdefault(edit.comment, []).extend(edit.patches)
        else:
            others.append(edit)
    others.sort(key=lambda edit: not isinstance(edit, ReplaceInLine))
    return [*others, *(AddPatches(text, tuple(patch_list)) for text, patch_list in patches.items())]


def _text(path: Path) -> str:
    """Return a file's text without converting its line endings."""
    return path.read_bytes().decode()


def write(root: Path, change: Change) -> None:
    """Write the file, and the folders that it needs."""
    path = root / change.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(change.after, encoding="utf-8", newline="")
