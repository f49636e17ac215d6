"""That no image in use expires. Pure: what would expire and who uses what, in; a sentence, out."""

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
    """What is wrong with images expiring, and what to do, or None when nothing in use does.

    `images` are all of the repository, the newest first. `pushes` is how many more are about to
    come.
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
