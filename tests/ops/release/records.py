"""Records and plans for tests."""

from dataclasses import replace
from datetime import UTC, datetime

from ops.release.decisions.model import Change, Image, Plan, Version
from ops.release.decisions.record import Progress, Record, new_record

BEGAN = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
V1, V2, V3 = (Image(tag, f"sha256:{tag}") for tag in ("v1", "v2", "v3"))


def version(image: Image) -> Version:
    return Version(image.tag, frozenset({image.digest}), "shop-prod-web:7", BEGAN, 2)


def plan(*waves: tuple[str, ...], after: Image = V2, before: Image | None = V1) -> Plan:
    """A plan of services that run `before`."""
    old = version(before) if before else None
    changes = tuple(
        tuple(Change(name, "Backend Service", after, old) for name in wave) for wave in waves
    )
    return Plan("shop", "prod", changes)


def record(
    *waves: tuple[str, ...], after: Image = V2, before: Image | None = V1, number: int = 7
) -> Record:
    return new_record(plan(*waves, after=after, before=before), number, "ada", "here", 1, BEGAN)


def at(record: Record, **progress: Progress) -> Record:
    """The record with the progress of each workload."""
    for name, how in progress.items():
        record = record.having([name], how)
    return replace(record)
