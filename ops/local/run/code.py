"""The code that a container runs: the commit in its image's tag, or the working tree.

An image is not run here, but its tag says what it was built from: `ops images tag` names a commit,
and a release is often a git tag. So v2 and v1 run different code, as on AWS. Git writes the
commit's files into a directory of the embedded AWS; the user's repository and its worktrees stay as
they are. Dependencies are those of the running Python environment, and submodules are empty.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from ops.local.fargate.errors import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
_PRIVATE = re.compile(r"\d{12}\.dkr\.ecr\.")
# The grammar of an image's name: https://pkg.go.dev/github.com/distribution/reference
_TAG = re.compile(r":(\w[\w.-]{0,127})$", re.ASCII)
# What `git rev-parse --short` prints at least: https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreabbrev
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


def tag_of(image: str) -> str | None:
    """Return the tag of an image's name; None for a name without a tag."""
    name, _, _digest = image.partition("@")
    match = _TAG.search(name)
    return match[1] if match else None


class Code:
    """The code of images, for a workspace.

    :param directory: receives the files of each commit that an image needs
    :param session_tags: tags that need not exist in git, such as a placeholder of `IMAGE_TAG`
    :param report: receives one line about an image that runs a commit, or whose tag names none
    """

    def __init__(
        self,
        root: Path,
        directory: Path,
        session_tags: Collection[str],
        report: Callable[[str], None],
    ) -> None:
        self._root = root
        self._directory = directory
        self._session_tags = session_tags
        self._report = report
        self._reported: set[str] = set()
        self._lock = threading.Lock()
        top = _git(root, "rev-parse", "--show-toplevel")
        self._top = Path(top) if top else None

    def variables(self, image: str) -> dict[str, str]:
        """Return the variables by which a container finds the code of its image.

        Raise Failure if the commit's files cannot be written.
        """
        commit = self._commit(image)
        if self._top is None or commit is None:
            return _variables(self._root, [self._root, self._root / "src"])
        with self._lock:
            tree = self._tree(self._top, commit)
        self._report_once(image, f"{image} runs commit {commit[:12]}, not the working tree.")
        root = tree / self._root.resolve().relative_to(self._top)
        return _variables(root, [root, root / "src", *_searched(self._top, tree)])

    def names(self) -> list[str]:
        """Return the git tags that an image can have."""
        tags = _git(self._top, "tag", "--list") if self._top else None
        return [tag for tag in (tags or "").splitlines() if _TAG.fullmatch(f":{tag}")]

    def is_commit(self, tag: str) -> bool:
        """Return whether an image's tag names a commit."""
        return self._named(tag) is not None

    def _named(self, tag: str) -> str | None:
        """Return the commit of a tag; None if git does not know the tag."""
        if self._top is None:
            return None
        names = [f"refs/tags/{tag}", *([tag] if _COMMIT.fullmatch(tag) else [])]
        for name in names:  # not of a branch: it moves, as an image's tag does not
            if commit := _git(self._top, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"):
                return commit
        return None

    def _commit(self, image: str) -> str | None:
        """Return the commit in the image's tag; None if it has none."""
        tag = tag_of(image)
        if tag is None or self._top is None:
            return None
        if commit := self._named(tag):
            return commit
        if tag not in self._session_tags and _PRIVATE.match(image):
            message = f"{image} runs the working tree: no git tag or commit is `{tag}`."
            self._report_once(image, message)
        return None

    def _report_once(self, image: str, message: str) -> None:
        with self._lock:
            if image not in self._reported:
                self._reported.add(image)
                self._report(message)

    def _tree(self, top: Path, commit: str) -> Path:
        """Return the directory with the commit's files; write it if needed."""
        tree = self._directory / commit[:12]
        if tree.exists():
            return tree
        self._directory.mkdir(parents=True, exist_ok=True)
        written = self._directory / f"{commit[:12]}.part"
        shutil.rmtree(written, ignore_errors=True)
        # An index of its own: the user's stays as it is.
        index = self._directory / f"{commit[:12]}.index"
        for arguments in (
            ("read-tree", commit),
            ("checkout-index", "--all", f"--prefix={written}/"),
        ):
            if _git(top, *arguments, GIT_INDEX_FILE=str(index)) is None:
                raise Failure(f"CannotPullContainerError: git cannot write the files of {commit}")
        index.unlink()
        return written.rename(tree)


def _searched(top: Path, tree: Path) -> Iterator[Path]:
    """Yield the directories of the tree on Python's path, in place of the repository's own."""
    for entry in map(Path, filter(None, sys.path)):
        if entry.is_relative_to(top) and (tree / entry.relative_to(top)).is_dir():
            yield tree / entry.relative_to(top)


def _variables(root: Path, searched: list[Path]) -> dict[str, str]:
    """Return the variables for code in `root`, because each task runs in its own directory."""
    paths = [str(path) for path in searched if path.is_dir()]
    paths += [os.environ.get("PYTHONPATH", "")]
    return {
        "OPS_WORKSPACE": str(root),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path for path in paths if path)),
    }


def _git(root: Path, *arguments: str, **variables: str) -> str | None:
    """Return what git prints; None if it is missing or fails."""
    if shutil.which("git") is None:
        return None
    # A hook that runs us names its own repository: https://git-scm.com/docs/githooks
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-C", str(root), *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=own | variables,
    )
    return done.stdout.strip() if done.returncode == 0 else None
