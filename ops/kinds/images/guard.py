"""Protection of images in use from expiry. Pure: expiring and used images in, a sentence out."""

from collections.abc import Collection, Iterable, Sequence

from ops.kinds.images.stored.image import Image
from ops.kinds.images.use.use import Use, users_by_digest


def objection(
    expiring: Collection[str],
    images: Sequence[Image],
    uses: Iterable[Use],
    uri: str,
    *,
    pushes: int,
) -> str | None:
    """Return the problem with expiring images, and the next step; None if none of them is in use.

    `images` are all of the repository, the newest first. `pushes` is how many more images are about
    to be pushed.
    """
    users = users_by_digest(uses, uri, images)
    in_danger = [
        (place, image)
        for place, image in enumerate(images, start=1)
        if image.digest in expiring and image.digest in users
    ]
    if not in_danger:
        return None
    named = "; ".join(f"{image.name} ({', '.join(users[image.digest])})" for _, image in in_danger)
    enough = max(place for place, _ in in_danger) + pushes
    return (
        f"would expire images in use: {named}. "
        f"Deploy newer ones there, or raise `keep` in copilot/ops.yml to {enough} or more"
    )
