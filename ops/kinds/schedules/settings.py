"""The section `schedules` of `copilot/ops.yml`."""

import re
import zoneinfo
from datetime import date, time
from functools import cache
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from ops.base.fields import Duration, Section, Switch, Text
from ops.control.mute_rules import LONGEST
from ops.control.scaling import is_zone
from ops.copilot.place import ServicePlace

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
DAY = 24 * 60  # minutes


def time_of_day(text: object) -> time:
    """Parse a time of day written as `07:00`."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f'must be a time of day such as "07:00", not {text!r}')
    return time(int(found[1]), int(found[2]))


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"must be a date such as 2026-12-24, not {text!r}") from None


def _zone(text: object) -> str:
    if not is_zone(str(text), zones_of_machine()):
        raise ValueError(f"must be a time zone such as Europe/Berlin, not {text!r}")
    return str(text)


@cache
def zones_of_machine() -> frozenset[str]:
    """Return the names of the time zones that this machine knows."""
    return frozenset(zoneinfo.available_timezones())


TimeOfDay = Annotated[time, BeforeValidator(time_of_day)]
Day = Annotated[date, BeforeValidator(_day)]
Zone = Annotated[str, BeforeValidator(_zone)]


class OffHours(Section):
    """When an environment is up; at all other times its services have no tasks."""

    timezone: Zone  # of all times here; the clocks' changes are AWS's to know
    up: TimeOfDay  # when the first service comes up
    down: TimeOfDay  # when the first service stops, every day, later than `up`
    weekdays: tuple[Weekday, ...] = Field(  # days on which it comes up
        ("mon", "tue", "wed", "thu", "fri"), min_length=1
    )
    holidays: tuple[Day, ...] = ()  # days on which it stays down; those that passed may stay here
    order: tuple[Text, ...] = Field(min_length=1)  # services: down in this order, up in reverse
    gap: Duration = 300  # between one service and the next, in whole minutes
    at_latest: TimeOfDay | None = None  # when services that still work off their queue stop too
    mute: Switch = True  # the alarms of these services, while they are down
    settle: Duration = 1800  # how long alarms stay muted once the last service has come up
    production: Switch = False  # required, with `confirm`, for a production environment
    confirm: Text | None = None  # the environment's name, for production

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Return the time zone of all its times."""
        return zoneinfo.ZoneInfo(self.timezone)

    @property
    def steps(self) -> int:
        """Return the minutes from the first service's turn to the last one's."""
        return (len(self.order) - 1) * self.gap // 60

    @model_validator(mode="after")
    def _is_one_day(self) -> "OffHours":
        if len(set(self.order)) < len(self.order):
            raise ValueError("names a service twice in `order`")
        if self.gap % 60 or self.settle % 60:
            raise ValueError("can only have a `gap` and a `settle` of whole minutes")
        last_down = minutes(self.down) + self.steps
        if minutes(self.up) + self.steps >= minutes(self.down):
            raise ValueError("must be up, the last service included, before `down` of the same day")
        if last_down >= DAY:
            raise ValueError("must be down, the last service included, before midnight")
        asleep = DAY - minutes(self.down) + minutes(self.up) + self.steps + self.settle // 60
        if self.mute and asleep > LONGEST:
            raise ValueError("must have a `settle` with which alarms are muted 15 days at most")
        if self.at_latest is not None and minutes(self.at_latest) <= last_down:
            raise ValueError("can only have an `at_latest` after the last service's turn")
        return self


class Settings(Section):
    """The schedules of an environment."""

    off_hours: OffHours | None = None


def minutes(moment: time) -> int:
    """Return the minutes since midnight."""
    return moment.hour * 60 + moment.minute


def has_off_hours(place: ServicePlace) -> bool:
    """Return whether the environment's off-hours stop a service."""
    settings: Settings | None = place.shared.get("schedules")
    hours = settings.off_hours if settings else None
    return hours is not None and place.service in hours.order
