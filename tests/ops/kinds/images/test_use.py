"""Pure functions on images: who uses one, which would expire, and their output."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ops.kinds.images.guard import objection
from ops.kinds.images.listing import Listing, as_text, rows
from ops.kinds.images.stored.image import Image
from ops.kinds.images.use.use import Use, missing, users_by_digest

URI = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/web"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def image(number: int, *tags: str, **more: object) -> Image:
    """Return an image that is so many hours old."""
    pushed = NOW - timedelta(hours=number)
    return Image(f"sha256:{number:064x}", tags, pushed, **more)  # type: ignore[arg-type]


def use(reference: str, digest: str | None = None) -> Use:
    return Use("prod", "web", f"{URI}{reference}", digest)


IMAGES = [image(1, "v2", "latest"), image(2, "v1"), image(3)]


def test_a_reference_names_an_image_by_tag_digest_or_neither() -> None:
    digests = {"v2": IMAGES[0].digest, "v1": IMAGES[1].digest, "none": IMAGES[2].digest}
    references = {
        ":v1": {digests["v1"]},
        f"@{digests['none']}": {digests["none"]},
        f":v1@{digests['none']}": {digests["none"]},
        "": {digests["v2"]},  # `latest`
        "-jobs:v1": set(),  # another repository whose name begins alike
        ":v0": set(),
    }
    for reference, meant in references.items():
        assert set(users_by_digest([use(reference)], URI, IMAGES)) == meant, reference


def test_a_task_holds_what_it_pulled_and_what_its_tag_means_now() -> None:
    pulled = use(":latest", IMAGES[1].digest)
    assert users_by_digest([pulled], URI, IMAGES) == {
        IMAGES[0].digest: ("web in prod",),
        IMAGES[1].digest: ("web in prod",),
    }


def test_what_is_used_and_gone_is_missing() -> None:
    uses = [use(":v0"), use(":v0"), use(":v1"), Use("prod", "web", "nginx:1")]
    assert missing(uses, URI, IMAGES) == (f"web in prod: {URI}:v0",)


@given(
    count=st.integers(1, 12), used=st.sets(st.integers(1, 12)), keep=st.integers(1, 12),
    pushes=st.integers(0, 1),
)  # fmt: skip
def test_it_objects_exactly_when_something_in_use_would_go_and_says_what_is_enough(
    count: int, used: set[int], keep: int, pushes: int
) -> None:
    images = [image(number, f"v{number}") for number in range(1, count + 1)]
    uses = [use(f":v{number}") for number in used]

    def check(kept: int) -> str | None:
        expiring = {each.digest for each in images[max(0, kept - pushes) :]}
        return objection(expiring, images, uses, URI, pushes=pushes)

    why = check(keep)
    in_danger = [n for n in used if keep - pushes < n <= count]
    assert (why is not None) == bool(in_danger)
    if why is not None:
        assert all(f"v{number} (web in prod)" in why for number in in_danger)
        [enough] = re.findall(r"to (\d+) or more", why)
        assert check(int(enough)) is None
        assert check(int(enough) - 1) is not None


def test_the_table() -> None:
    images = [
        image(1, "v3", size=131_400_000, findings={"LOW": 4, "CRITICAL": 1, "NEW": 2}),
        image(30, "v2", size=900, findings={}),
        image(300, "v1"),
        image(400, "v0"),
    ]
    users = {images[2].digest: ("api in prod", "web in prod")}
    shown = rows(images, users, keep=3, limit=2)
    listing = Listing("shop/web", URI, 3, len(images), shown, ("web in prod: x:v9",))
    # Three images are shown: two that are new and one that is in use.
    head, *table, gone = as_text([listing], NOW).splitlines()
    assert head == f"{URI}: 4 images, keeps 3"
    assert gone == "! web in prod: x:v9 does not exist: no new task can start"
    assert [re.split(" {2,}", line) for line in table] == [
        ["tag", "digest", "pushed", "size", "findings", "used by", "pushes left"],
        ["v3", "000000000000", "1 h ago", "131 MB", "1 critical, 4 low, 2 new", "-", "2"],
        ["v2", "000000000000", "1 d ago", "0 MB", "none", "-", "1"],
        ["v1", "000000000000", "12 d ago", "-", "not scanned", "api in prod, web in prod", "0"],
    ]
