"""Git submodules: a path inside a submodule that is not fetched is not a finding."""

import re
from pathlib import Path

from ops.check.files.reading import read_text

_PATH = re.compile(r"^\s*path\s*=\s*(.+?)\s*$", re.MULTILINE)


def exists(path: Path) -> bool:
    """Return whether a path exists."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def unfetched(root: Path, path: Path) -> Path | None:
    """Return the submodule that a path leads into, if it is not fetched.

    `.gitmodules` is at the top of the repository, which may be above the workspace.
    """
    for top in (root, *root.parents):
        text = read_text(top / ".gitmodules")
        for written in _PATH.findall(text or ""):
            module = top / written
            if (root / path).is_relative_to(module) and not _has_files(module):
                return Path(written)
        if text is not None or exists(top / ".git"):
            break
    return None


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())
