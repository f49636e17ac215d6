"""An image in a repository. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_SHOWN = 12  # digits that identify a digest, as in `docker images`


@dataclass(frozen=True)
class Image:
    """An image under one digest in ECR.

    `size` is in bytes, compressed. `findings` counts by severity (`CRITICAL`, …); None means that
    no scan has completed yet.
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
        """Return the image's tags; for an untagged image its digest."""
        return ", ".join(self.tags) or self.short_digest
