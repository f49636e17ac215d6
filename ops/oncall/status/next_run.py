"""The next run of a live scheduled action. Pure: `ops.control` reads its expression."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ops.aws.autoscaling.values import ScheduledAction
from ops.control.autoscaling import schedule
from ops.control.cron import CronError


def next_run(action: ScheduledAction, after: datetime) -> datetime | None:
    """Return the next run after a moment, in UTC; None if it never runs again.

    Raise CronError if the expression cannot be read, or does not define a time: AWS does not
    document when a rate begins that has no start time.
    """
    if action.ends is not None and action.ends <= after:
        return None
    if action.starts is None and action.schedule.strip().startswith("rate("):
        raise CronError(f"{action.schedule} has no start time")
    try:
        rule = schedule.ScheduledAction(
            action.schedule,
            ZoneInfo(action.timezone or "UTC"),
            created=after,
            start=action.starts,
            end=action.ends,
        )
        return schedule.next_time(rule, after)
    except (ValueError, KeyError) as error:  # KeyError: an unknown time zone
        raise CronError(f"{action.schedule} cannot be read: {error}") from error
