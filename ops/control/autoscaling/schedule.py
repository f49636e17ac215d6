"""Scheduled actions: their times, and their effect.

Pure.
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html
https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from ops.control.autoscaling.model import Capacity, Limits
from ops.control.cron import CronError, in_utc, parse_cron
from ops.control.undocumented import DEFAULT, Choices

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}
_LOCAL = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M")


@dataclass(frozen=True)
class ScheduledAction:
    """A scheduled action. `created` is when it was put; `start` and `end` are optional."""

    schedule: str
    zone: tzinfo
    created: datetime
    start: datetime | None = None
    end: datetime | None = None
    minimum: int | None = None
    maximum: int | None = None


def next_time(
    action: ScheduledAction, after: datetime, choices: Choices = DEFAULT
) -> datetime | None:
    """Return the first time after a moment at which an action is performed, in UTC.

    It is also performed at its start time, and never after its end time.
    """
    begin = after
    if action.start is not None and after < action.start:
        return _within(action, action.start)
    moment = _of_schedule(action, begin, choices)
    return None if moment is None else _within(action, moment)


def times_between(
    action: ScheduledAction, after: datetime, until: datetime, choices: Choices = DEFAULT
) -> Iterator[datetime]:
    """Yield the times after one moment and up to another, inclusive."""
    moment = next_time(action, after, choices)
    while moment is not None and moment <= until:
        yield moment
        moment = next_time(action, moment, choices)


def _of_schedule(action: ScheduledAction, after: datetime, choices: Choices) -> datetime | None:
    text = action.schedule.strip()
    if text.startswith("at("):
        moment = in_utc(_local(text), action.zone, choices)
        return moment if moment is not None and moment > after else None
    if match := _RATE.fullmatch(text):
        period = timedelta(minutes=int(match[1]) * _MINUTES[match[2]])
        anchor = action.start or action.created
        return anchor + ((after - anchor) // period + 1) * period
    return parse_cron(text).after(after.astimezone(UTC), action.zone, choices)


def _local(text: str) -> datetime:
    inner = text.removeprefix("at(").removesuffix(")")
    for form in _LOCAL:
        try:
            return datetime.strptime(inner, form)  # noqa: DTZ007 - local to the action's zone
        except ValueError:
            continue
    raise CronError(f"{text} is not at(yyyy-mm-ddThh:mm:ss)")


def _within(action: ScheduledAction, moment: datetime) -> datetime | None:
    return None if action.end is not None and moment > action.end else moment


@dataclass(frozen=True, slots=True)
class Performed:
    """The effect of a scheduled action; without a count, only the limits change the count."""

    limits: Limits
    count: int | None
    refused: str | None = None


def perform(
    action: ScheduledAction, limits: Limits, capacity: Capacity, choices: Choices = DEFAULT
) -> Performed:
    """Return the effect of a due action, which ignores cooldowns.

    While scheduled scaling is suspended, an action is lost.
    """
    if limits.schedule_suspended:
        return Performed(limits, None, "scheduled scaling is suspended")
    if capacity.is_deploying and not choices.scheduled_during_deployment:
        return Performed(limits, None, "a deployment is in progress")
    minimum = limits.minimum if action.minimum is None else action.minimum
    maximum = limits.maximum if action.maximum is None else action.maximum
    if minimum > maximum:
        return Performed(limits, None, f"the minimum {minimum} is above the maximum {maximum}")
    changed = replace(limits, minimum=minimum, maximum=maximum)
    count = changed.clamped(capacity.desired)
    return Performed(changed, count if count != capacity.desired else None)
