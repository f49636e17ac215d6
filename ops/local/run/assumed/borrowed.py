"""Files that Copilot or this run adds to a workspace, and that are removed at the end.

`copilot/.workspace` names the application; `copilot/environments/NAME/manifest.yml` comes from
`copilot env init`; a file of `env_file:` is often kept out of a repository, and is empty here; the
files of a static site come from a build, and are one page here. One that has been changed since
then belongs to the user, and stays.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING

from ops.local import assumptions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_PAGE = "<!doctype html><title>Placeholder</title><p>The build of this site has not run.</p>\n"
RECORD = "borrowed.json"


class Borrowed:
    """The files that this run has added.

    :param directory: the embedded AWS's own, in which the files are recorded
    """

    def __init__(
        self,
        root: Path,
        directory: Path,
        environment: str,
        env_files: Iterable[str] = (),
        sources: Iterable[str] = (),
    ) -> None:
        copilot = root / "copilot"
        self._pages = [root / name / "index.html" for name in sources if not (root / name).exists()]
        self._env_files = [root / name for name in env_files if not (root / name).exists()]
        names = [
            *self._env_files,
            *self._pages,
            copilot / ".workspace",
            copilot / "environments" / environment / "manifest.yml",
        ]
        self._root = root
        self._record = directory / RECORD
        self._paths = [path for path in names if not path.exists()]

    def name_application(self, name: str) -> None:
        """Write `.workspace` and the files of a build or a colleague, unless they exist."""
        path = self._root / "copilot" / ".workspace"
        if path in self._paths:
            path.write_text(f"application: {name}\n")
        for page in self._pages:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(_PAGE)
            assumptions.note(f"{page.parent.relative_to(self._root)} has one page: it is not there")
        for missing in self._env_files:
            missing.parent.mkdir(parents=True, exist_ok=True)
            missing.touch()
            assumptions.note(f"{missing.relative_to(self._root)} is empty: it is not there")
        self.record()

    def record(self) -> None:
        """Record the files that exist now, with their content."""
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
