"""Objects that the tasks and the control loop of a region share.

clock (`ops.local.metrics`)  the time of the control plane
journal                      every decision with its inputs and its rule
notifications                SNS: queues and loopback addresses; a file for everything else
events                       EventBridge: rules on the events of ECS, and their targets
schedules                    EventBridge: rules with a schedule
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.local.metrics.clock import Clock
from ops.local.plane import journal, notifications
from ops.local.plane.events import EventBridge
from ops.local.plane.schedules import Schedules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class ControlPlane:
    """The shared objects of a region.

    :param directory: receives the decisions and the notifications that leave this machine
    :param report: told what goes wrong and has no place in the API
    """

    def __init__(
        self,
        region: str,
        report: Callable[[str], None],
        directory: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.region = region
        self.report = report
        self.directory = directory
        self.clock = clock or Clock()
        self.journal = journal.Journal(directory / journal.FILE if directory else None)
        path = directory / notifications.FILE if directory else None
        self.notifications = notifications.Notifications(region, path, report)
        self.events = EventBridge(
            region, self.clock, self.journal, self.notifications.publish, report
        )
        self.schedules = Schedules(region, self.journal, self.events.deliver, report)

    def change_speed(self, speed: float) -> float:
        """Change the speed of the clock, and return the former one."""
        former = self.clock.speed
        self.clock.change_speed(speed)
        if self.directory is not None:
            self.clock.write(self.directory)
        return former

    def decide(self, kind: str, subject: str, rule: str, **inputs: object) -> None:
        """Record a decision with the current time."""
        self.journal.add(self.clock.now(), kind, subject, rule, **inputs)
