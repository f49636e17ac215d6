"""The scaling policies of a service on its screen. Pure."""

from collections.abc import Iterator

from ops.base.errors import OpsError
from ops.oncall.status.snapshot import Alarm, Part, Scaling


def policy_lines(scaling: Scaling, alarms: Part[tuple[Alarm, ...]]) -> Iterator[str]:
    """Yield each policy with its target and the states of its alarms, the upper one first.

    A low alarm in ALARM is nothing to worry about: the service has more tasks than it needs.
    """
    for policy in () if isinstance(scaling.policies, OpsError) else scaling.policies:
        own = [] if isinstance(alarms, OpsError) else [a for a in alarms if a.name in policy.alarms]
        target = [f"target {policy.target:g}"] if policy.target is not None else []
        states = [
            f"{'high' if alarm.rises else 'low'} {alarm.state}"
            for alarm in sorted(own, key=lambda alarm: not alarm.rises)
        ]
        yield f"{policy.name}: {', '.join([*target, *states]) or policy.type}"
