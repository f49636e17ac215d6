"""The commit that an image is made of, as git knows it."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ops.base.errors import OpsError

_TAG_DIGITS = 12  # enough to tell the commits of any repository apart
_SHOWN = 5
# Said in full: git's own settings may leave out what goes into the image all the same.
# https://git-scm.com/docs/git-status
_STATUS = ("status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=none")


@dataclass(frozen=True)
class Source:
    """A clean working tree and the commit that it shows."""

    root: Path
    commit: str

    @property
    def tag(self) -> str:
        """The tag of an image of it: the commit's first 12 digits."""
        return self.commit[:_TAG_DIGITS]


def read_source(root: Path) -> Source:
    """The commit of the tree at `root`.

    Raises OpsError when there is none, or when the tree differs from it: an image's tag would
    name a commit that the image is not made of.
    """
    if shutil.which("git") is None:
        raise OpsError("`git` is missing, and an image's tag is its commit", "Install git.")
    commit = _git(root, "rev-parse", "--verify", "HEAD")
    changed = _git(root, *_STATUS).splitlines()
    if changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        names = ", ".join(line[3:] for line in changed[:_SHOWN])
        raise OpsError(
            f"The working tree differs from its commit: {names}{more}",
            "Commit, stash or ignore it: an image's tag names the commit that it is made of.",
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
