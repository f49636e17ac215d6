"""Facts seen while a story plays. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sample:
    """The counts at one moment, in seconds from the start of the story."""

    time: float
    desired: dict[str, int]
    running: dict[str, int]
    queues: dict[str, int]


@dataclass(frozen=True)
class Change:
    """An alarm that has entered a state."""

    time: float
    alarm: str
    state: str


@dataclass
class Evidence:
    """The observations on which the verdict is based."""

    samples: list[Sample] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    made: int = 0
    """Requests of loads that were answered as expected."""
    refused: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    """What loads have made, and does not end as it should."""
    asked: int = 0
    unserved: list[str] = field(default_factory=list)
    commands: dict[str, str | None] = field(default_factory=dict)
    """The output of each command that failed; None for those that succeeded."""
    fault: str | None = None
    """Why the story ended before its last step."""
    entries: list[dict[str, Any]] = field(default_factory=list)
    """The timeline: `time` in seconds from the start, `kind`, `subject`, `text`."""
