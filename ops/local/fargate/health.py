"""The health of containers and targets, from a series of checks.

There is one difference from AWS, to start fast on a laptop: until the first success a check runs
every `EAGER` seconds instead of every `interval`. Failures in that time count as they would in AWS:
none in the grace period, and one for each interval after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

EAGER = 0.25
"""Seconds between checks until the first success."""


class Health(Enum):
    """The state that the checks have found."""

    UNKNOWN = "UNKNOWN"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"


@dataclass
class Tracker:
    """A tracker of check outcomes. Times are seconds of any one clock."""

    started: float
    interval: float
    unhealthy_after: int
    healthy_after: int = 1
    grace: float = 0.0
    state: Health = Health.UNKNOWN
    _run: int = field(default=0, repr=False)
    _counted: float | None = field(default=None, repr=False)

    def observe(self, now: float, *, good: bool) -> Health:
        """Record one outcome, and return the resulting state."""
        if self.state is Health.UNKNOWN and not good and not self._counts(now):
            return self.state
        if good == (self.state is Health.HEALTHY) and self.state is not Health.UNKNOWN:
            self._run = 0
            return self.state
        self._run += 1
        first = self.state is Health.UNKNOWN and good
        if first or self._run >= (self.healthy_after if good else self.unhealthy_after):
            self.state, self._run = (Health.HEALTHY if good else Health.UNHEALTHY), 0
        return self.state

    def pause(self) -> float:
        """Return the seconds until the next check."""
        return min(EAGER, self.interval) if self.state is Health.UNKNOWN else self.interval

    def _counts(self, now: float) -> bool:
        """Return whether AWS, with one check for each interval, would have seen a failure at this
        time.
        """
        last = self._counted if self._counted is not None else self.started
        if now < self.started + self.grace or now < last + self.interval:
            return False
        self._counted = now
        return True


@dataclass(frozen=True)
class ContainerCheck:
    """A container's `healthCheck`, with ECS's defaults; times in seconds.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
    """

    argv: tuple[str, ...]
    interval: float
    timeout: float
    retries: int
    start_period: float

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> ContainerCheck | None:
        """Return the health check of a container definition; None if it does not define one."""
        check = definition.get("healthCheck") or {}
        command = list(check.get("command") or [])
        if not command or command[0] == "NONE":
            return None
        kind, *rest = command
        argv = ("/bin/sh", "-c", " ".join(rest)) if kind == "CMD-SHELL" else tuple(rest)
        return cls(
            argv=argv if kind in ("CMD", "CMD-SHELL") else tuple(command),
            interval=float(check.get("interval") or 30),
            timeout=float(check.get("timeout") or 5),
            retries=int(check.get("retries") or 3),
            start_period=float(check.get("startPeriod") or 0),
        )

    def tracker(self, now: float) -> Tracker:
        """Return a tracker for a container that started now."""
        return Tracker(now, self.interval, self.retries, grace=self.start_period)
