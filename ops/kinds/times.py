"""Times of day, weekdays and time zones, in settings and in schedules of AWS. Pure."""

import re
import zoneinfo
from collections.abc import Collection
from datetime import time
from functools import cache
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator

from ops.control.scaling import is_zone

DAY = 24 * 60  # minutes
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def time_of_day(text: object) -> time:
    """Parse a time of day written as `07:00`."""
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f'must be a time of day such as "07:00", not {text!r}')
    return time(int(match[1]), int(match[2]))


def _zone(text: object) -> str:
    if not is_zone(str(text), zones_of_machine()):
        raise ValueError(f"must be a time zone such as Europe/Berlin, not {text!r}")
    return str(text)


@cache
def zones_of_machine() -> frozenset[str]:
    """Return the names of the time zones that this machine knows."""
    return frozenset(zoneinfo.available_timezones())


TimeOfDay = Annotated[time, BeforeValidator(time_of_day)]
Zone = Annotated[str, BeforeValidator(_zone)]


def minutes(moment: time) -> int:
    """Return the minutes since midnight."""
    return moment.hour * 60 + moment.minute


def weekly(minute: int, weekdays: Collection[str]) -> str:
    """Format a minute of the day on some weekdays for scheduled actions."""
    days = ",".join(day.upper() for day in WEEKDAYS if day in weekdays)
    return f"cron({minute % 60} {minute // 60} ? * {days} *)"
