"""The listing of all declared repositories, read concurrently."""

from collections.abc import Mapping
from dataclasses import replace

from ops.aws.client import Aws, side_by_side
from ops.base.errors import OpsError
from ops.copilot.place import ApplicationPlace
from ops.kinds.images.listing import Listing, rows
from ops.kinds.images.settings import Repository
from ops.kinds.images.stored.remote import Stored, does_not_exist
from ops.kinds.images.use.remote import read_uses
from ops.kinds.images.use.use import missing, users_by_digest


def read_listings(
    aws: Aws,
    stored: Stored,
    place: ApplicationPlace,
    declared: Mapping[str, Repository],
    limit: int,
) -> tuple[list[Listing], list[OpsError]]:
    """Return every repository with its newest images and all images in use, and problems for
    missing repositories.
    """
    repositories = stored.repositories(declared)
    uris = {
        repository["repositoryName"]: str(repository["repositoryUri"])
        for repository in repositories
    }
    problems = [does_not_exist(name) for name in sorted(declared) if name not in uris]
    if not uris:
        return [], problems
    account = next(iter(uris.values())).split(".", 1)[0]
    uses = read_uses(aws, place, account)

    def read(name: str) -> Listing:
        images = stored.images(name)
        users = users_by_digest(uses, uris[name], images)
        shown = rows(images, users, declared[name].keep, limit)
        scanned = stored.with_findings(name, [row.image for row in shown])
        return Listing(
            repository=name,
            uri=uris[name],
            keep=declared[name].keep,
            count=len(images),
            rows=tuple(
                replace(row, image=image) for row, image in zip(shown, scanned, strict=True)
            ),
            missing=missing(uses, uris[name], images),
        )

    return side_by_side(read, sorted(uris)), problems
