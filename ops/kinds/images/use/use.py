"""The users of each image. Pure: references and images in, digests out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ops.kinds.images.stored.image import Image

_DEFAULT_TAG = "latest"


@dataclass(frozen=True)
class Use:
    """A use of an image, by a container of a running task or of a task definition that may run.

    `image` is the one in the task definition: `<repository's URI>[:<tag>][@<digest>]`. `digest` is
    the one that a running task pulled, if ECS reports it.
    """

    environment: str
    workload: str
    image: str
    digest: str | None = None

    @property
    def user(self) -> str:
        return f"{self.workload} in {self.environment}"


def users_by_digest(
    uses: Iterable[Use], uri: str, images: Sequence[Image]
) -> Mapping[str, tuple[str, ...]]:
    """Return the users of each image of a repository: digests to users, both sorted.

    If a tag has moved since a task pulled it, both images are in use, because the next task pulls
    the other one.
    """
    by_tag = {tag: image.digest for image in images for tag in image.tags}
    there = {image.digest for image in images}
    users_of: defaultdict[str, set[str]] = defaultdict(set)
    for use in uses:
        for digest in there.intersection(_digests(use, uri, by_tag)):
            users_of[digest].add(use.user)
    return {digest: tuple(sorted(users)) for digest, users in sorted(users_of.items())}


def missing(uses: Iterable[Use], uri: str, images: Sequence[Image]) -> tuple[str, ...]:
    """Return the images in use that do not exist: `api in prod: <image>`, sorted. New tasks cannot
    pull them.
    """
    by_tag = {tag: image.digest for image in images for tag in image.tags}
    there = {image.digest for image in images}
    return tuple(
        sorted(
            {
                f"{use.user}: {use.image}"
                for use in uses
                if _is_of(use.image, uri) and not there.intersection(_digests(use, uri, by_tag))
            }
        )
    )


def _digests(use: Use, uri: str, by_tag: Mapping[str, str]) -> Iterable[str]:
    """Return the digests that a use may mean in a repository; none for another repository."""
    if not _is_of(use.image, uri):
        return
    name, _, digest = use.image.removeprefix(uri).partition("@")
    if use.digest:
        yield use.digest
    if digest:
        yield digest
    else:
        yield by_tag.get(name.removeprefix(":") or _DEFAULT_TAG, "")


def _is_of(image: str, uri: str) -> bool:
    return image.startswith(uri) and image[len(uri) : len(uri) + 1] in ("", ":", "@")
