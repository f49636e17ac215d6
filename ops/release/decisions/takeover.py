"""The decision about an earlier release: ignore, refuse, continue, or go back first. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from ops.base.errors import OpsError
from ops.base.words import moment, span
from ops.release.decisions.record import Record, State

DEAD_AFTER = timedelta(seconds=60)
"""A release writes every 15 seconds: after four missed ones it has died."""


@dataclass(frozen=True)
class Fresh:
    """The earlier release has ended, or there was none."""


@dataclass(frozen=True)
class Continue:
    """The earlier release was interrupted while it deployed; the new one inherits its way back."""

    dead: Record


@dataclass(frozen=True)
class FinishWayBack:
    """The earlier release was interrupted while it went back, which must be finished first."""

    dead: Record


Beginning: TypeAlias = Fresh | Continue | FinishWayBack


@dataclass(frozen=True)
class Signs:
    """The signs of life of a record's owner."""

    silence: timedelta  # since its last write
    is_here: bool  # it runs, or ran, on this machine
    runs: bool = False  # its process exists; known only if it is here


def beginning(latest: Record | None, signs: Signs) -> Beginning:
    """Decide how a release begins. Raise OpsError if another one is in progress."""
    if latest is None or not latest.is_open:
        return Fresh()
    if not is_dead(latest, signs):
        raise in_progress(latest, signs)
    return FinishWayBack(latest) if latest.state is State.GOING_BACK else Continue(latest)


def is_dead(record: Record, signs: Signs) -> bool:
    """Return whether nobody works on an open release."""
    if record.is_left or (signs.is_here and not signs.runs):
        return True
    return signs.silence > DEAD_AFTER


def in_progress(record: Record, signs: Signs) -> OpsError:
    """Return the error about a release of somebody else."""
    return OpsError(
        f"Release {record.number} of {record.tag} is in progress: started by {record.by} on "
        f"{record.host} at {moment(record.began)}, now {record.step or record.state}, last heard "
        f"of {span(signs.silence)} ago",
        "Wait for it. If it has died, it can be taken over a minute after its last sign of life.",
    )
