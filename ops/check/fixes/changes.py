"""From findings to the files that `ops check --fix` writes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from ops.check.edits import AddPatches, Edit, Fix, Patch, ReplaceInLine
from ops.check.finding import Finding


@dataclass(frozen=True)
class Change:
    """A file before and after. `before` is None where there is no such file."""

    path: Path
    before: str | None
    after: str

    def diff(self) -> str:
        """The change as a unified diff."""
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
    """Yield each file that a fix changes. Equal fixes of several findings are made once."""
    fixes: dict[Path, dict[Fix, None]] = {}
    for finding in findings:
        for fix in finding.fixes:
            fixes.setdefault(fix.path, {})[fix] = None
    for path, wanted in sorted(fixes.items()):
        before = _text(root / path) if (root / path).exists() else None
        after = before or ""
        for edit in _ordered(fix.edit for fix in wanted):
            after = edit.apply(after)
        if after != (before or ""):
            yield Change(path, before, after)


def _ordered(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits in the order that they are made in; patches below one comment are one edit.

    Lines are counted in the file as it is: what adds lines comes after what only changes one.
    """
    patches: dict[str, list[Patch]] = {}
    others: list[Edit] = []
    for edit in edits:
        if isinstance(edit, AddPatches):
            patches.setdefault(edit.comment, []).extend(edit.patches)
        else:
            others.append(edit)
    others.sort(key=lambda edit: not isinstance(edit, ReplaceInLine))
    return [*others, *(AddPatches(text, tuple(each)) for text, each in patches.items())]


def _text(path: Path) -> str:
    """Return a file's text with its own line endings."""
    return path.read_bytes().decode()


def write(root: Path, change: Change) -> None:
    """Write the file, and the folders that it needs."""
    path = root / change.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(change.after, encoding="utf-8", newline="")
