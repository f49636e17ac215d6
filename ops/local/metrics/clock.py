"""The clock of the control plane, for metrics, alarms, cooldowns and schedules.

Processes run in real time. At a speed of 30, a minute of the control plane takes two seconds.
"""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE = "clock.json"


class Clock:
    """A clock that starts at the real time and runs `speed` times as fast.

    :param began: seconds since 1970 at the start
    :param began_monotonic: what `monotonic` returned then; it counts since the machine started, so
        that another process can read the same clock
    """

    def __init__(
        self,
        speed: float = 1.0,
        began: float | None = None,
        began_monotonic: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.speed = speed
        self._monotonic = monotonic
        self._began = time.time() if began is None else began
        self._began_monotonic = monotonic() if began_monotonic is None else began_monotonic
        self._slipped = 0.0
        self._ahead = 0.0
        """Seconds ahead of real time when the present speed began."""

    def now(self) -> float:
        """Return the time of the control plane, in seconds since 1970."""
        return (
            self._began + (self._monotonic() - self._began_monotonic) * self.speed - self._slipped
        )

    def ahead(self) -> float:
        """Return the seconds that the control plane is ahead of real time."""
        elapsed = self._monotonic() - self._began_monotonic
        return self._ahead + elapsed * (self.speed - 1) - self._slipped

    def real_seconds(self, until: float) -> float:
        """Return the real seconds until a time of the control plane; 0 if it has passed."""
        return max(0.0, (until - self.now()) / self.speed)

    def slip(self, seconds: float) -> None:
        """Set the clock back: this machine was too busy to keep up with its speed."""
        self._slipped += seconds

    def change_speed(self, speed: float) -> None:
        """Continue at another speed from now on."""
        now, real = self.now(), self._monotonic()
        self._ahead += (real - self._began_monotonic) * (self.speed - 1) - self._slipped
        self.speed, self._began, self._began_monotonic, self._slipped = speed, now, real, 0.0

    def write(self, directory: Path) -> None:
        """Write the clock into a file, for other processes, which never see half of it."""
        settings = [self.speed, self._began - self._slipped, self._began_monotonic]
        written = directory / f"{FILE}.{threading.get_ident()}"
        written.write_text(json.dumps(settings))
        written.replace(directory / FILE)

    @classmethod
    def read(cls, directory: Path) -> Clock:
        """Read the clock of a running embedded AWS."""
        return cls(*json.loads((directory / FILE).read_text()))
