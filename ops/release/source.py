"""The commits and migrations between two tags, and a tag's own files, from git.

A tag of an image is a commit's first digits, or a git tag (`ops images tag`).
"""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.release.decisions.model import Source

_SHOWN = 30  # commits
_COPILOT = "copilot"


def between(root: Path, before: Iterable[str | None], after: str, migrations: str | None) -> Source:
    """Return the commits and new migrations between the oldest running tag and the next one.

    For a rollback, these are the ones that it removes.
    """
    tags = {tag for tag in before if tag and tag != after}
    if not tags:
        return Source()
    sources = [_between(root, tag, after, migrations) for tag in sorted(tags)]
    known = [source for source in sources if source is not None]
    if len(known) < len(sources):
        return Source(is_known=False)
    return max(known, key=lambda source: len(source.commits))


def _between(root: Path, before: str, after: str, migrations: str | None) -> Source | None:
    one, other = commit_of(root, before), commit_of(root, after)
    if one is None or other is None:
        return None
    if _git(root, "merge-base", "--is-ancestor", other, one) is not None:
        one, other = other, one
    log = _git(root, "log", f"--max-count={_SHOWN}", "--format=%h %s", f"{one}..{other}") or ""
    added = ""
    if migrations:
        command = ("diff", "--name-only", "--diff-filter=A", one, other, "--", migrations)
        added = _git(root, *command) or ""
    return Source(tuple(log.splitlines()), tuple(Path(path).name for path in added.splitlines()))


def commit_of(root: Path, tag: str) -> str | None:
    """Return the commit that an image's tag names; None if git here does not know it."""
    for name in (f"refs/tags/{tag}", tag):
        commit = _git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if commit is not None:
            return commit
    return None


@contextmanager
def files_of(root: Path, tag: str) -> Iterator[Path | None]:
    """Yield a directory with `copilot/` at a tag; None if git does not know the tag.

    An earlier image is deployed with its own manifests, because the current ones may be the
    fault.
    """
    commit = commit_of(root, tag)
    archive = _output(root, "archive", commit, _COPILOT) if commit else None
    if archive is None:
        yield None
        return
    with TemporaryDirectory(prefix="ops-release-") as directory:
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            tar.extractall(directory, filter="data")
        yield Path(directory)


def _git(root: Path, *arguments: str) -> str | None:
    output = _output(root, *arguments)
    return None if output is None else output.decode(errors="replace").strip()


def _output(root: Path, *arguments: str) -> bytes | None:
    """Return what git prints; None if it is missing or fails."""
    if shutil.which("git") is None:
        return None
    # A hook that runs us names its own repository: https://git-scm.com/docs/githooks
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, check=False, env=own
    )
    return done.stdout if done.returncode == 0 else None
