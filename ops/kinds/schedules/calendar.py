"""The days and moments of off-hours. Pure: the time is an argument."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ops.kinds.schedules.settings import OffHours
from ops.kinds.times import WEEKDAYS, minutes

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """A run of days without a holiday. A boundary that has passed, or does not exist, is None.

    `before` is the holiday that ends it. `start` is the first moment of the recurrence itself,
    because AWS also runs an action at its start time.
    https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
    """

    before: date | None
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Calendar:
    """The days of some off-hours. Moments are in UTC, days and times of day in their time zone."""

    off_hours: OffHours

    def moment(self, day: date, minute: int) -> datetime:
        """Return the moment of a minute of a day, counted from midnight."""
        hour = time(minute // 60, minute % 60)
        return datetime.combine(day, hour, self.off_hours.zone).astimezone(UTC)

    def local(self, moment: datetime) -> datetime:
        """Convert a moment to the time zone of the off-hours."""
        return moment.astimezone(self.off_hours.zone)

    def shown(self, moment: datetime) -> str:
        """Format a moment for people, in the time zone of the off-hours."""
        return f"{self.local(moment):%a %Y-%m-%d %H:%M} {self.off_hours.timezone}"

    def is_working_day(self, day: date) -> bool:
        """Return whether the environment comes up on a day."""
        return self._counts(day) and day not in self.off_hours.holidays

    def is_up(self, now: datetime) -> bool:
        """Return whether the environment is up, from the first service's start to the first one's
        stop.
        """
        local = self.local(now)
        minute = minutes(local.time())
        hours = range(minutes(self.off_hours.up), minutes(self.off_hours.down))
        return self.is_working_day(local.date()) and minute in hours

    def next_up(self, after: datetime) -> datetime:
        """Return the next time at which the first service starts."""
        minute = minutes(self.off_hours.up)
        return next(
            moment
            for day in self._days(after)
            if self.is_working_day(day) and (moment := self.moment(day, minute)) > after
        )

    def next_daily(self, after: datetime, minute: int) -> datetime:
        """Return the next time with that minute of the day."""
        return next(
            moment for day in self._days(after) if (moment := self.moment(day, minute)) > after
        )

    def stretches(self, minute: int, now: datetime) -> list[Stretch]:
        """Return the runs of working days for a minute of the day, split at the holidays.

        Runs that have ended are omitted. The last one has no end.
        """
        holidays = {day for day in self.off_hours.holidays if self._counts(day)}
        stretches, begin = list[Stretch](), date.min
        for cut in (*sorted(holidays), None):
            first = None if begin == date.min else self._first_working_day(begin)
            end = None if cut is None else self.moment(cut, 0) - timedelta(minutes=1)
            # Never equal: a working day is no holiday.
            has_days = first is None or cut is None or first < cut  # pragma: no mutate
            if has_days and (end is None or end > now):
                start = None if first is None else self.moment(first, minute)
                stretches.append(Stretch(cut, start if start and start > now else None, end))
            begin = cut or begin
        return stretches

    def _counts(self, day: date) -> bool:
        return WEEKDAYS[day.weekday()] in self.off_hours.weekdays

    def _first_working_day(self, after: date) -> date:
        day = after + _ONE_DAY
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def _days(self, after: datetime) -> Iterator[date]:
        day = self.local(after).date()
        while True:
            yield day
            day += _ONE_DAY
