"""CloudWatch alarms that fail a deployment. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ops.control.cloudwatch.evaluation import State
from ops.control.undocumented import DEFAULT, Choices


@dataclass(frozen=True)
class DeploymentAlarms:
    """`deploymentConfiguration.alarms`."""

    names: tuple[str, ...] = ()
    enabled: bool = False
    rolls_back: bool = False

    @classmethod
    def of(cls, described: Mapping[str, Any] | None) -> "DeploymentAlarms":
        """Read the API's form. CloudFormation's values may be strings."""
        given = described or {}
        enabled, rolls_back = (
            given.get(name, False) in (True, "true", "True") for name in ("enable", "rollback")
        )
        return cls(tuple(given.get("alarmNames") or ()), enabled, rolls_back)


@dataclass(frozen=True)
class AlarmView:
    """The facts about an alarm that a deployment needs."""

    name: str
    state: State
    window: float
    """Seconds: its period times its number of evaluation periods."""


def watched(settings: DeploymentAlarms, alarms: Iterable[AlarmView]) -> tuple[str, ...]:
    """Return the alarms that a deployment watches, given their states at its start.

    If one is in ALARM then, none is watched: the deployment may be its correction.
    """
    if not settings.enabled:
        return ()
    known = [alarm for alarm in alarms if alarm.name in settings.names]
    if any(alarm.state is State.ALARM for alarm in known):
        return ()
    return tuple(alarm.name for alarm in known)


def tripped(names: Iterable[str], alarms: Iterable[AlarmView]) -> str | None:
    """Return the first watched alarm that is in ALARM."""
    states = {alarm.name: alarm.state for alarm in alarms}
    return next((name for name in names if states.get(name) is State.ALARM), None)


def bake_time(
    names: Iterable[str], alarms: Iterable[AlarmView], choices: Choices = DEFAULT
) -> float:
    """Return the seconds for which alarms are watched once the old tasks are gone.

    ECS calculates them from the alarms and does not document how.
    """
    watching = set(names)
    windows = (alarm.window for alarm in alarms if alarm.name in watching)
    return choices.bake_windows * max(windows, default=0.0)
