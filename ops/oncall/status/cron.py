"""The next run of a scheduled action of Application Auto Scaling. Pure.

The format: six fields, `?` for "whichever day", days of the week from 1 (Sunday) to 7.
https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ops.aws.autoscaling.values import ScheduledAction

_MONTHS = {name.upper(): at for at, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_EXPRESSION = re.compile(r"(at|rate|cron)\((.*)\)")
_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_FARTHEST = 4 * 366  # days; the 29th of February comes within them
_LAST_DAY = 0  # `L` among the days of a month


class UnreadableError(ValueError):
    """An expression that this module does not support, such as `2#1` or `15W`."""


def next_run(action: ScheduledAction, after: datetime) -> datetime | None:
    """Return the next run after a moment, in UTC; None if it never runs again.

    Raise UnreadableError if the expression is not supported.
    """
    if action.ends is not None and action.ends <= after:
        return None
    match = _EXPRESSION.fullmatch(action.schedule.strip())
    if match is None:
        raise UnreadableError(action.schedule)
    after = max(after, action.starts - timedelta(seconds=1)) if action.starts else after
    try:
        moment = _next(match[1], match[2], action, after)
    except (ValueError, KeyError) as error:
        raise UnreadableError(action.schedule) from error
    late = moment is not None and action.ends is not None and moment > action.ends
    return None if late else moment


def _next(kind: str, text: str, action: ScheduledAction, after: datetime) -> datetime | None:
    zone = ZoneInfo(action.timezone or "UTC")
    if kind == "at":
        once = datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
        return once if once > after else None
    if kind == "rate":
        return _next_by_rate(text, action.starts, after)
    fields = _Fields.of(text)
    return next((moment for moment in fields.moments(after, zone) if moment > after), None)


def _next_by_rate(text: str, starts: datetime | None, after: datetime) -> datetime:
    """Count from the start time; AWS does not document the origin if there is none."""
    if starts is None:
        raise UnreadableError(text)
    amount, unit = text.split()
    period = timedelta(seconds=int(amount) * _UNITS[unit.rstrip("s")])
    return starts if starts > after else starts + ((after - starts) // period + 1) * period


@dataclass(frozen=True)
class _Fields:
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]

    @classmethod
    def of(cls, text: str) -> "_Fields":
        minutes, hours, days, months, weekdays, years = text.split()
        return cls(
            _numbers(minutes, 0, 59),
            _numbers(hours, 0, 23),
            _numbers(days, 1, 31, {"L": _LAST_DAY}),
            _numbers(months, 1, 12, _MONTHS),
            _numbers(weekdays, 1, 7, _WEEKDAYS),
            _numbers(years, 1970, 2199),
        )

    def moments(self, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield the moments in order, from the first minute of the day of `after`."""
        first = after.astimezone(zone).date()
        for day in (first + timedelta(days=count) for count in range(_FARTHEST)):
            if self._has(day):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        yield datetime.combine(day, time(hour, minute), zone).astimezone(UTC)

    def _has(self, day: date) -> bool:
        last = calendar.monthrange(day.year, day.month)[1]
        return (
            day.year in self.years
            and day.month in self.months
            and day.isoweekday() % 7 + 1 in self.weekdays
            and (day.day in self.days or (_LAST_DAY in self.days and day.day == last))
        )


def _numbers(
    text: str, least: int, most: int, names: dict[str, int] | None = None
) -> frozenset[int]:
    """Return the numbers that a field means: `*`, `?`, `5`, `MON-FRI`, `0/15`, `1,2`."""
    numbers: set[int] = set()
    for part in text.upper().split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            first, last = least, most
        else:
            begin, _, end = span.partition("-")
            first = _number(begin, names or {})
            last = _number(end, names or {}) if end else (most if step else first)
        numbers.update(range(first, last + 1, int(step or 1)))
    return frozenset(numbers)


def _number(text: str, names: dict[str, int]) -> int:
    if text in names:
        return names[text]
    if not text.isdigit():
        raise UnreadableError(text)
    return int(text)
