"""The text of manifests, addons, patches and CDK programs, which name resources of the account."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.copilot.workspace import Workspace

_SUFFIXES = frozenset({".json", ".js", ".ts", ".yaml", ".yml"})
# Packages, results of a build, and pipelines, which nobody deploys to a laptop.
_SKIPPED = frozenset({".build", "cdk.out", "node_modules", "pipelines"})
_COMMENT = re.compile(r"^\s*(?:#|//).*$", re.MULTILINE)


def mentioned(workspace: Workspace, pattern: re.Pattern[str]) -> list[str]:
    """Return what a pattern finds in the files, each name once and sorted."""
    return sorted({name for text in _texts(workspace) for name in pattern.findall(text)})


def _texts(workspace: Workspace) -> Iterator[str]:
    """Yield the text of each file in `copilot/` without lines that are comments."""
    for folder, folders, names in os.walk(workspace.root / "copilot"):
        folders[:] = sorted(set(folders) - _SKIPPED)
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix in _SUFFIXES:
                yield _COMMENT.sub("", path.read_text("utf-8", "replace"))
