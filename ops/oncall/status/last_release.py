"""The last release of `ops release`, on the screen of `ops status` and in `ops why`. Pure."""

from collections.abc import Iterator
from datetime import datetime

from ops.base.errors import OpsError
from ops.oncall.status.snapshot import Part, Snapshot
from ops.plan.model import Json
from ops.release.decisions.record import Last
from ops.release.render import headline, record_as_data, record_as_text


def release_lines(release: Part[Last | None], now: datetime) -> list[str]:
    """Return the line for the screen; none before the first release."""
    if release is None:
        return []
    if isinstance(release, OpsError):
        return [f"last release: could not be read: {release}"]
    return [f"last release: {headline(release, now)}"]


def release_reasons(service: str, snapshot: Snapshot) -> Iterator[str]:
    """Describe the last release of a service, and why it went back."""
    release = snapshot.release
    if isinstance(release, OpsError):
        yield f"Unknown: its last release. {release}"
    elif release is not None and any(p.workload == service for p in release.record.parts):
        text = record_as_text(release.record, snapshot.taken, is_dead=release.is_dead)
        yield f"Last release: {text}"


def release_as_data(release: Part[Last | None]) -> Json:
    """Return the last release for `--output json`."""
    if release is None:
        return None
    if isinstance(release, OpsError):
        return {"error": str(release)}
    return record_as_data(release.record, is_dead=release.is_dead)
