"""The times during which an alarm mute rule mutes.

Pure.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from ops.control.cron import in_utc, parse_cron
from ops.control.mute_rules import duration_of


def is_active(rule: Mapping[str, Any], now: datetime, zone: tzinfo) -> bool:
    """Return whether a rule mutes at a time.

    `rule` is a request of PutAlarmMuteRule, `zone` the time zone that its schedule names.
    """
    start, end = rule.get("StartDate"), rule.get("ExpireDate")
    if (start is not None and now < start) or (end is not None and now >= end):
        return False
    schedule = rule["Rule"]["Schedule"]
    duration = timedelta(minutes=duration_of(schedule["Duration"]) or 0)
    expression = schedule["Expression"]
    if expression.startswith("at("):
        local = datetime.strptime(expression, "at(%Y-%m-%dT%H:%M)")  # noqa: DTZ007 - a local time
        begin = in_utc(local, zone)
    else:
        begin = parse_cron(expression).last(now.astimezone(UTC), zone, duration)
    return begin is not None and begin <= now < begin + duration


def mutes(rule: Mapping[str, Any], alarm: str) -> bool:
    """Return whether a rule names an alarm."""
    return alarm in rule.get("MuteTargets", {}).get("AlarmNames", ())
