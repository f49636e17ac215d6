"""The git commit that an image is built from."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ops.base.errors import OpsError

_TAG_DIGITS = 12  # enough to identify a commit in any repository
_SHOWN = 5
# All options are explicit: git's settings may omit files that are part of the image.
# https://git-scm.com/docs/git-status
_STATUS = ("status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=none")


@dataclass(frozen=True)
class Source:
    """A clean working tree and its commit."""

    root: Path
    commit: str

    @property
    def tag(self) -> str:
        """Return the tag of its image: the commit's first 12 digits."""
        return self.commit[:_TAG_DIGITS]


def read_source(root: Path) -> Source:
    """Return the commit of the tree at `root`.

    Raise OpsError if the directory is not a git checkout, or if it has uncommitted changes: the
    tag would then name a commit that the image is not built from.
    """
    if shutil.which("git") is None:
        raise OpsError("`git` is missing, and ops tags images by commit", "Install git.")
    commit = _git(root, "rev-parse", "--verify", "HEAD")
    changed = _git(root, *_STATUS).splitlines()
    if changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        names = ", ".join(line[3:] for line in changed[:_SHOWN])
        raise OpsError(
            f"The working tree differs from its commit: {names}{more}",
            "Commit, stash or ignore it: an image's tag names the commit that it is built from.",
        )
    return Source(root, commit)


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OpsError(
            f"git finds no commit at {root}: {done.stderr.strip().rstrip('.')}",
            "Images are tagged by commit: run this in a git repository with a commit.",
        )
    return done.stdout.rstrip("\n")
