"""The path from a commit to an image in ECR, and the checks on it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.copilot.place import ApplicationPlace
from ops.kinds.images import engine
from ops.kinds.images.desired import lifecycle_policy
from ops.kinds.images.guard import objection
from ops.kinds.images.settings import Repository
from ops.kinds.images.source import Source
from ops.kinds.images.stored.remote import Stored
from ops.kinds.images.use.remote import read_uses

# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}")


@dataclass(frozen=True)
class Release:
    """A commit to be released to a repository, under a tag that does not exist yet."""

    source: Source
    repository: str
    uri: str
    tag: str

    @property
    def image(self) -> str:
        """Return `<registry>/<repository>:<tag>`, the form of a manifest's `image.location`."""
        return f"{self.uri}:{self.tag}"

    @property
    def registry(self) -> str:
        return self.uri.split("/", 1)[0]


def choose(declared: Mapping[str, Repository], name: str | None) -> str:
    """Return the named repository, or the only one declared."""
    known = ", ".join(declared) or "none"
    if name is None and len(declared) == 1:
        return next(iter(declared))
    if name is None:
        raise OpsError(
            f"copilot/ops.yml does not declare exactly one repository: {known}",
            "Name the repository.",
        )
    if name not in declared:
        raise OpsError(f"copilot/ops.yml declares no repository `{name}`", f"Declared: {known}.")
    return name


def prepare(stored: Stored, source: Source, repository: str, tag: str | None) -> Release:
    """Return the release. Raise OpsError if the tag is invalid or exists, or the repository does
    not exist.
    """
    release = Release(source, repository, stored.uri(repository), tag or source.tag)
    if not _TAG.fullmatch(release.tag):
        raise OpsError(
            f"`{release.tag}` is not a valid image tag",
            "Use letters, digits, `.`, `-` and `_`, at most 128.",
        )
    taken = stored.find(repository, release.tag)
    if taken is not None:
        raise OpsError(
            f"The tag `{release.tag}` exists in {repository} since {taken.pushed:%Y-%m-%d %H:%M}",
            "Deploy that image, or commit a change, or pass --tag.",
        )
    return release


def build(release: Release, file: Path, platform: str) -> None:
    """Build the image on this machine."""
    engine.installed().build(
        release.source.root, file, platform, release.image, release.source.commit
    )


def push(release: Release, stored: Stored) -> str:
    """Push the image that was built, and return its digest.

    Raise OpsError if this machine has no image, or an image of another commit.
    """
    images = engine.installed()
    commit = images.commit_of(release.image)
    if commit != release.source.commit:
        what = (
            "is not on this machine"
            if commit is None
            else f"was built from another commit, {commit}"
        )
        raise OpsError(f"{release.image} {what}", "Run `ops images build` first.")
    images.login(release.registry, stored.password())
    images.push(release.image)
    image = stored.find(release.repository, release.tag)
    if image is None:
        raise OpsError(f"`{images.name} push` succeeded, but ECR has no {release.image}")
    return image.digest


def check_room(
    release: Release, stored: Stored, keep: int, aws: Aws, place: ApplicationPlace
) -> None:
    """Raise OpsError if one more image would expire one in use.

    The lifecycle policy keeps `keep` images, so a push expires what keeping one image less would
    expire now.
    """
    if keep > 1:
        expiring = stored.expiring(release.repository, lifecycle_policy(keep - 1))
        if not expiring:
            return
    images = stored.images(release.repository)
    if keep == 1:
        expiring = frozenset(image.digest for image in images)
    uses = read_uses(aws, place, release.registry.split(".", 1)[0])
    why = objection(expiring, images, uses, release.uri, pushes=1)
    if why is not None:
        raise OpsError(f"Pushing to {release.repository} {why}")
