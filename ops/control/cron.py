"""AWS's cron expressions, and the local times that match them.

Pure.
https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Schedule.html
"""

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from ops.control.undocumented import DEFAULT, Choices, Skipped

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_EVERY = ("*", "?")
_LONGEST = 4 * 366  # days to look ahead: 29 February comes once in four years
_EPOCH_YEAR, _LAST_YEAR = 1970, 2199


class CronError(ValueError):
    """An expression that AWS refuses."""


@dataclass(frozen=True)
class Cron:
    """The times that an expression names, in a local time."""

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int] | None
    is_day: Callable[[date], bool]

    def days(self, first: date, most: int = _LONGEST) -> Iterator[date]:
        """Yield the matching days from a first day on, in order."""
        for after in range(most):
            day = first + timedelta(days=after)
            in_year = self.years is None or day.year in self.years
            if in_year and day.month in self.months and self.is_day(day):
                yield day

    def times(self, day: date) -> Iterator[datetime]:
        """Yield the local times of a day, in order."""
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                yield datetime.combine(day, time(hour, minute))

    def after(self, moment: datetime, zone: tzinfo, choices: Choices = DEFAULT) -> datetime | None:
        """Return the first time after a moment, in UTC; None if the next four years have no such
        time.
        """
        # A day earlier: the local date may be another one than a skipped time's.
        first = moment.astimezone(zone).date() - timedelta(days=1)
        for day in self.days(first):
            for local in self.times(day):
                utc = in_utc(local, zone, choices)
                if utc is not None and utc > moment:
                    return utc
        return None

    def last(self, moment: datetime, zone: tzinfo, within: timedelta) -> datetime | None:
        """Return the last time up to and including a moment, no longer than `within` ago."""
        today = moment.astimezone(zone).date() + timedelta(days=1)
        first = today - timedelta(days=within.days + 3)
        for day in reversed(list(self.days(first, within.days + 4))):
            for local in reversed(list(self.times(day))):
                utc = in_utc(local, zone)
                if utc is not None and utc <= moment:
                    return utc if utc >= moment - within else None
        return None


def in_utc(local: datetime, zone: tzinfo, choices: Choices = DEFAULT) -> datetime | None:
    """Return a local time in UTC.

    A time that occurs twice as clocks go back is the first one. For a time that clocks skip as they
    go forward AWS documents no rule: `choices` decides.
    """
    aware = local.replace(tzinfo=zone, fold=0)
    utc = aware.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) == local:
        return utc
    if choices.skipped is Skipped.NEVER:
        return None
    return _end_of_gap(utc, zone)


def _end_of_gap(inside: datetime, zone: tzinfo) -> datetime:
    """Return the moment at which clocks went forward, at most a day before a given moment."""
    low, high = inside - timedelta(days=1), inside
    offset = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)


def parse_cron(text: str) -> Cron:
    """Read `cron(…)` with five or six fields. Raise CronError if AWS cannot read it."""
    match = re.fullmatch(r"cron\((.*)\)", text.strip())
    fields = match[1].split() if match else []
    if len(fields) not in (5, 6):
        raise CronError(f"{text} is not cron(…) of five or six fields")
    minutes, hours, month_days, months, week_days = fields[:5]
    years = fields[5] if len(fields) == 6 else "*"
    return Cron(
        _numbers(minutes, 0, 59),
        _numbers(hours, 0, 23),
        _numbers(months.upper(), 1, 12, _MONTHS),
        None if years in _EVERY else _numbers(years, _EPOCH_YEAR, _LAST_YEAR),
        _day_test(month_days.upper(), week_days.upper(), is_unix=len(fields) == 5),
    )


def _day_test(month_days: str, week_days: str, *, is_unix: bool) -> Callable[[date], bool]:
    """Return a function that tests a date.

    With five fields a day of the week is 0 to 7 from Sunday on, as in unix cron; with six it is
    1 to 7. If both days are given, one match is enough.
    """
    by_month = None if month_days in _EVERY else _month_day_test(month_days)
    by_week = None if week_days in _EVERY else _week_day_test(week_days, is_unix=is_unix)
    tests = [test for test in (by_month, by_week) if test is not None]
    return lambda day: not tests or any(test(day) for test in tests)


def _month_day_test(text: str) -> Callable[[date], bool]:
    if text == "L":
        return lambda day: day.day == _length(day)
    if text == "LW":
        return lambda day: day.day == _nearest_weekday(day, _length(day))
    if match := re.fullmatch(r"(\d+)W", text):
        (target,) = _numbers(match[1], 1, 31)
        return lambda day: day.day == _nearest_weekday(day, target)
    days = _numbers(text, 1, 31)
    return lambda day: day.day in days


def _nearest_weekday(day: date, target: int) -> int:
    """Return the weekday nearest to a day of the month, within the same month."""
    length = _length(day)
    target = min(target, length)
    weekday = day.replace(day=target).weekday()
    if weekday == 5:
        return target - 1 if target > 1 else target + 2
    if weekday == 6:
        return target + 1 if target < length else target - 2
    return target


def _week_day_test(text: str, *, is_unix: bool) -> Callable[[date], bool]:
    if match := re.fullmatch(r"(\w+)#([1-5])", text):
        (number,), nth = _week_numbers(match[1], is_unix=is_unix), int(match[2])
        return lambda day: _week_number(day) == number and (day.day - 1) // 7 + 1 == nth
    if match := re.fullmatch(r"(\w+)L", text):
        (number,) = _week_numbers(match[1], is_unix=is_unix)
        return lambda day: _week_number(day) == number and day.day + 7 > _length(day)
    days = {7} if text == "L" else _week_numbers(text, is_unix=is_unix)
    return lambda day: _week_number(day) in days


def _week_numbers(text: str, *, is_unix: bool) -> frozenset[int]:
    if not is_unix:
        return _numbers(text, 1, 7, _DAYS)
    names = {name: number - 1 for name, number in _DAYS.items()}
    return frozenset(number % 7 + 1 for number in _numbers(text, 0, 7, names))


def _week_number(day: date) -> int:
    """Return 1 for Sunday to 7 for Saturday."""
    return day.isoweekday() % 7 + 1


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _numbers(
    text: str, least: int, most: int, names: Mapping[str, int] | None = None
) -> frozenset[int]:
    """Read lists, ranges and steps: `1,3`, `MON-FRI`, `*/5`."""
    numbers: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span in _EVERY:
            start, stop = least, most
        else:
            start = _number(first, names)
            stop = _number(last, names) if last else (most if step else start)
        by = int(step) if step.isdigit() else 1
        if (step and not step.isdigit()) or by < 1 or not least <= start <= most:
            raise CronError(f"{part} is not between {least} and {most}")
        if stop < start:  # FRI-MON
            numbers.update(range(start, most + 1, by))
            start = least
        numbers.update(range(start, min(stop, most) + 1, by))
    return frozenset(numbers)


def _number(text: str, names: Mapping[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    if not text.isdigit():
        raise CronError(f"{text or 'an empty field'} is not a number")
    return int(text)
