"""Files that Copilot writes into a workspace which lacks them, and that go at the end.

`copilot/.workspace` names the application; `copilot/environments/NAME/manifest.yml` comes from
`copilot env init`. One that has been changed since then belongs to the user, and stays.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "borrowed.json"


class Borrowed:
    """The files that were not there before this run.

    :param directory: the embedded AWS's own, in which the files are recorded
    """

    def __init__(self, root: Path, directory: Path, environment: str) -> None:
        copilot = root / "copilot"
        names = [copilot / ".workspace", copilot / "environments" / environment / "manifest.yml"]
        self._root = root
        self._record = directory / RECORD
        self._paths = [path for path in names if not path.exists()]

    def name_application(self, name: str) -> None:
        """Write `.workspace` if there is none."""
        path = self._root / "copilot" / ".workspace"
        if path in self._paths:
            path.write_text(f"application: {name}\n")
        self.record()

    def record(self) -> None:
        """Record the files that are there by now, with their content."""
        there = {
            str(path.relative_to(self._root)): _digest(path)
            for path in self._paths
            if path.is_file()
        }
        self._record.write_text(json.dumps(there))


def give_back(root: Path, directory: Path) -> None:
    """Remove the recorded files that nobody has changed, and the folders that they leave empty."""
    try:
        recorded = json.loads((directory / RECORD).read_text())
    except (FileNotFoundError, ValueError):
        return
    for name, digest in recorded.items():
        path = root / name
        if not path.is_file() or _digest(path) != digest:
            continue
        path.unlink()
        for parent in path.parents:
            if parent in {root, root / "copilot"}:
                break
            with contextlib.suppress(OSError):  # something else is in it
                parent.rmdir()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
