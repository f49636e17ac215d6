"""AWS's scheduled actions and mute rules, minute by minute, after its documentation.

This code does not use `ops`: cron and `at` in a time zone, StartTime (an action runs then, too)
and EndTime.
https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Schedule.html
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@cache
def moment(text: str) -> datetime:
    """Return a time of the properties as a datetime."""
    return datetime.fromisoformat(text)


def fires(expression: str, zone: str, when: datetime) -> bool:
    """Return whether an expression of either service matches a minute."""
    local = when.astimezone(_zone(zone))
    once, fields = _read(expression)
    if once is not None:
        return once == local.replace(tzinfo=None)
    minute, hour, day, month, weekday = fields
    return (
        local.minute == int(minute)
        and local.hour == int(hour)
        and _matches(day, str(local.day))
        and _matches(month, str(local.month))
        and _matches(weekday, DAYS[local.weekday()])
    )


_zone = cache(ZoneInfo)


@cache
def _read(expression: str) -> tuple[datetime | None, list[str]]:
    if expression.startswith("at("):
        return datetime.fromisoformat(expression[3:-1]), []
    return None, expression[5:-1].split()[:5]


def _matches(field: str, value: str) -> bool:
    return field in ("*", "?") or value in field.split(",")


def bounds_over(
    actions: Iterable[Mapping[str, Any]], start: datetime, minutes: int, at_first: tuple[int, int]
) -> list[tuple[int, int]]:
    """Return a target's minimum and maximum for each minute from `start` on."""
    current, course, actions = at_first, [], list(actions)
    for number in range(minutes):
        now = start + number * MINUTE
        for action in actions:
            begin = action.get("StartTime") and moment(action["StartTime"])
            end = action.get("EndTime") and moment(action["EndTime"])
            in_force = (not begin or now >= begin) and (not end or now <= end)
            due = now == begin or fires(action["Schedule"], action["Timezone"], now)
            if in_force and due:
                capacity = action["ScalableTargetAction"]
                current = (capacity["MinCapacity"], capacity["MaxCapacity"])
        course.append(current)
    return course


def muted_over(rules: Iterable[Mapping[str, Any]], start: datetime, minutes: int) -> list[bool]:
    """Return for each minute whether a rule mutes, including those that began up to three days
    before.
    """
    until = datetime.min.replace(tzinfo=UTC)
    course, rules = [], list(rules)
    before = 3 * 24 * 60
    for number in range(-before, minutes):
        now = start + number * MINUTE
        for rule in rules:
            begin = rule.get("StartDate") and moment(rule["StartDate"])
            end = rule.get("ExpireDate") and moment(rule["ExpireDate"])
            schedule = rule["Rule"]["Schedule"]
            in_force = (not begin or now >= begin) and (not end or now <= end)
            if in_force and fires(schedule["Expression"], schedule["Timezone"], now):
                until = max(until, now + duration(schedule["Duration"]))
        if number >= 0:
            course.append(now < until)
    return course


def duration(text: str) -> timedelta:
    found = re.fullmatch(r"PT(\d+)H(?:(\d+)M)?", text)
    assert found is not None, text
    return timedelta(hours=int(found[1]), minutes=int(found[2] or 0))
