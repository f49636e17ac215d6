"""The latest scaling changes, and the reasons why scaling waits. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops.aws.autoscaling.values import ScalingActivity, ScalingPolicy
from ops.base.words import span
from ops.oncall.status.snapshot import Alarm

_SET_TO = re.compile(r"[Ss]etting desired count to (\d+)")
_BY_POLICY = re.compile(r"monitor alarm (\S+) in state ALARM triggered policy (\S+)")

# https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
_HELD_BACK = {
    "AutoScalingAnticipatedFlapping": "scaling in would have caused scaling out again at once",
    "TargetServicePutResourceAsUnscalable": "ECS did not allow scaling at that moment",
    "AlreadyAtMaxCapacity": "it already had the maximum number of tasks",
    "AlreadyAtMinCapacity": "it already had the minimum number of tasks",
    "AlreadyAtDesiredCapacity": "it already had the requested number of tasks",
}


@dataclass(frozen=True)
class Change:
    """A successful change of the count. None is a value that the activities do not have."""

    activity: ScalingActivity
    old: int | None
    new: int | None
    alarm: str | None
    policy: str | None

    @property
    def cause(self) -> str:
        """Return the cause as a part of a sentence."""
        if self.policy is None:
            return self.activity.cause.rstrip(".")
        return f"policy {self.policy}, by its alarm {self.alarm}"


def changes_of(activities: Sequence[ScalingActivity]) -> list[Change]:
    """Return the activities that changed the count, the newest first."""
    done = [
        activity
        for activity in activities
        if activity.status == "Successful" and not activity.not_scaled
    ]
    counts = [
        int(match[1]) if (match := _SET_TO.search(activity.description)) else None
        for activity in done
    ]
    changes = []
    for at, activity in enumerate(done):
        by = _BY_POLICY.search(activity.cause)
        old = next((count for count in counts[at + 1 :] if count is not None), None)
        alarm, policy = by.groups() if by else (None, None)
        changes.append(Change(activity, old, counts[at], alarm, policy))
    return changes


def reasons_of_changes(
    changes: Sequence[Change],
    activities: Sequence[ScalingActivity],
    desired: int | None,
    policies: Sequence[ScalingPolicy],
    alarms: Sequence[Alarm],
    now: datetime,
) -> Iterator[str]:
    """Yield sentences about the last change, its cooldown, and changes that did not succeed."""
    if changes:
        yield from _last(changes, desired, now)
        yield from _cooldown(changes[0], policies, alarms, now)
    else:
        yield "Scaling has not changed the count recently."
    newest = activities[0] if activities else None
    if newest is not None and (not changes or newest.began > changes[0].activity.began):
        yield from _held_back(newest, now)


def _last(changes: Sequence[Change], desired: int | None, now: datetime) -> Iterator[str]:
    last = changes[0]
    ago = span(now - last.activity.began)
    if last.new is None:
        yield f"{ago} ago, {last.activity.description.rstrip('.')}: {last.cause}."
    else:
        was = f"from {last.old} " if last.old is not None else ""
        yield f"{ago} ago scaling changed the count {was}to {last.new}: {last.cause}."
    new = next((change.new for change in changes if change.new is not None), None)
    if None not in (new, desired) and new != desired:
        yield (f"Since then a deployment, a user or another tool has set it to {desired}.")


def _cooldown(
    change: Change, policies: Sequence[ScalingPolicy], alarms: Sequence[Alarm], now: datetime
) -> Iterator[str]:
    """Describe the cooldown in effect.

    https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-cooldown
    """
    policy = next((candidate for candidate in policies if candidate.name == change.policy), None)
    adds = _adds(change, alarms)
    if policy is None or adds is None:
        return
    length = timedelta(seconds=policy.out_cooldown if adds else policy.in_cooldown)
    left = (change.activity.ended or change.activity.began) + length - now
    if left <= timedelta():
        return
    if adds:
        yield (
            f"Cooldown: for another {span(left)} the tasks just added count as capacity; only a "
            "need beyond them adds more."
        )
    else:
        yield (
            f"Cooldown: for another {span(left)} no more tasks are removed; they are added "
            "at once when needed."
        )


def _adds(change: Change, alarms: Sequence[Alarm]) -> bool | None:
    """Return whether a change added tasks: by the counts, else by the alarm that triggered it."""
    if change.old is not None and change.new is not None and change.old != change.new:
        return change.new > change.old
    return next((alarm.rises for alarm in alarms if alarm.name == change.alarm), None)


def _held_back(activity: ScalingActivity, now: datetime) -> Iterator[str]:
    ago = span(now - activity.began)
    if activity.not_scaled:
        why = " and ".join(_HELD_BACK.get(code, code) for code in activity.not_scaled)
        yield f"{ago} ago scaling held back, because {why} ({activity.cause.rstrip('.')})."
    elif activity.status in ("Pending", "InProgress"):
        yield f"Scaling is in progress: {activity.description.rstrip('.')}."
    elif activity.status != "Successful":
        message = (activity.message or activity.description).rstrip(".")
        yield f"{ago} ago scaling did not succeed ({activity.status}): {message}."
