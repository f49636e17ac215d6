"""The alarms of a deployment: the watched ones, a tripped one, and the bake time.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

from ops.control.cloudwatch.evaluation import State
from ops.control.ecs.deployment_alarms import AlarmView, bake_time, tripped, watched

if TYPE_CHECKING:
    from ops.control.ecs.deployment_alarms import DeploymentAlarms
    from ops.local.metrics.clock import Clock


class AlarmWatch:
    """The alarms that the present deployment of a service watches."""

    def __init__(self, region: str, clock: Clock) -> None:
        self._alarms = cloudwatch_backends[DEFAULT_ACCOUNT_ID][region].alarms
        self._clock = clock
        self.names: tuple[str, ...] = ()
        self._until: float | None = None

    def begin(self, settings: DeploymentAlarms) -> None:
        """Watch for a new deployment."""
        self.names = watched(settings, self._views(settings.names))
        self._until = None

    def tripped(self) -> str | None:
        """Return an alarm that fails the deployment."""
        return tripped(self.names, self._views(self.names))

    def has_baked(self) -> bool:
        """Return whether the bake time is over; the first call begins it."""
        if self._until is None:
            self._until = self._clock.now() + bake_time(self.names, self._views(self.names))
        return self._clock.now() >= self._until

    def seconds_left(self) -> float:
        """Return the real seconds that a bake which has begun still lasts."""
        return self._clock.real_seconds(self._until) if self._until is not None else 0.0

    def _views(self, names: tuple[str, ...]) -> list[AlarmView]:
        return [
            AlarmView(
                name,
                State(alarm.state_value),
                float(alarm.period or 60) * float(alarm.evaluation_periods or 1),
            )
            for name in names
            if (alarm := self._alarms.get(name)) is not None
        ]
