"""The images in the repositories and their users, as data and as text. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ops.base.words import number
from ops.kinds.images.stored.image import Image
from ops.plan.model import Json

_SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED", "UNTRIAGED")
_COLUMNS = ("tag", "digest", "pushed", "size", "findings", "used by", "pushes left")
_UNITS = (("d", 86400), ("h", 3600), ("min", 60))
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Row:
    """An image, its users, and how many pushes it outlives with the declared `keep`."""

    image: Image
    users: tuple[str, ...]
    pushes_left: int


@dataclass(frozen=True)
class Listing:
    """A repository: some of its images, the newest first, and the missing images in use."""

    repository: str
    uri: str
    keep: int
    count: int
    rows: tuple[Row, ...]
    missing: tuple[str, ...]


def rows(
    images: Sequence[Image], users: Mapping[str, tuple[str, ...]], keep: int, limit: int
) -> tuple[Row, ...]:
    """Return the newest images, and every older one in use. `images` are the newest first."""
    return tuple(
        Row(image, users.get(image.digest, ()), max(0, keep - place))
        for place, image in enumerate(images, start=1)
        if place <= limit or image.digest in users
    )


def as_text(listings: Sequence[Listing], now: datetime) -> str:
    """Format a table for each repository. `now` is aware."""
    if not listings:
        return "No repository is declared in copilot/ops.yml."
    return "\n\n".join("\n".join(_section(listing, now)) for listing in listings)


def as_data(listings: Sequence[Listing]) -> list[Json]:
    """Return the tables for `--output json`, with complete digests, bytes and times."""
    return [
        {
            "name": listing.repository,
            "uri": listing.uri,
            "keep": listing.keep,
            "count": listing.count,
            "images": [_row_as_data(row) for row in listing.rows],
            "missing": listing.missing,
        }
        for listing in listings
    ]


def _section(listing: Listing, now: datetime) -> list[str]:
    head = f"{listing.uri}: {number(listing.count, 'image')}, keeps {listing.keep}"
    table = [_COLUMNS, *(_cells(row, now) for row in listing.rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    gone = [f"! {name} does not exist: no new task can start" for name in listing.missing]
    return [head, *(lines if listing.rows else []), *gone]


def _cells(row: Row, now: datetime) -> tuple[str, ...]:
    image = row.image
    return (
        ", ".join(image.tags) or "-",
        image.short_digest,
        f"{_age(image.pushed, now)} ago",
        "-" if image.size is None else f"{image.size / _MEGABYTE:.0f} MB",
        _findings(image.findings),
        ", ".join(row.users) or "-",
        str(row.pushes_left),
    )


def _age(pushed: datetime, now: datetime) -> str:
    seconds = (now - pushed).total_seconds()
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return "0 min"


def _findings(findings: Mapping[str, int] | None) -> str:
    if findings is None:
        return "not scanned"
    order = sorted(findings, key=lambda finding: (*_SEVERITIES, finding).index(finding))
    return ", ".join(f"{findings[name]} {name.lower()}" for name in order) or "none"


def _row_as_data(row: Row) -> dict[str, Json]:
    image = row.image
    return {
        "digest": image.digest,
        "tags": image.tags,
        "pushed": image.pushed.isoformat(timespec="seconds"),
        "pulled": image.pulled.isoformat(timespec="seconds") if image.pulled else None,
        "bytes": image.size,
        "findings": image.findings,
        "used_by": row.users,
        "pushes_left": row.pushes_left,
    }
