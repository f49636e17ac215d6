"""An image in a repository. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_SHOWN = 12  # digits that tell digests apart for people, as `docker images` has it


@dataclass(frozen=True)
class Image:
    """What ECR keeps under one digest.

    `size` is in bytes, compressed. `findings` counts by severity (`CRITICAL`, …); None means
    that no scan has ended yet.
    """

    digest: str  # sha256:…
    tags: tuple[str, ...]
    pushed: datetime
    size: int | None = None
    pulled: datetime | None = None
    findings: Mapping[str, int] | None = None

    @property
    def short_digest(self) -> str:
        return self.digest.removeprefix("sha256:")[:_SHOWN]

    @property
    def name(self) -> str:
        """Its tags, or where it has none its digest."""
        return ", ".join(self.tags) or self.short_digest
