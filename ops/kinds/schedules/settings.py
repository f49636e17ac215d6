"""The section `schedules` of `copilot/ops.yml`."""

import zoneinfo
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from ops.base.fields import Duration, Section, Switch, Text
from ops.control.mute_rules import LONGEST
from ops.kinds.times import DAY, TimeOfDay, Weekday, Zone, minutes


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"must be a date such as 2026-12-24, not {text!r}") from None


Day = Annotated[date, BeforeValidator(_day)]


class OffHours(Section):
    """When an environment is up; at all other times its services have no tasks."""

    timezone: Zone  # of all times here; AWS handles daylight saving time
    up: TimeOfDay  # when the first service starts
    down: TimeOfDay  # when the first service stops, every day, later than `up`
    weekdays: tuple[Weekday, ...] = Field(  # days on which it comes up
        ("mon", "tue", "wed", "thu", "fri"), min_length=1
    )
    holidays: tuple[Day, ...] = ()  # days on which it stays down
    order: tuple[Text, ...] = Field(min_length=1)  # services: down in this order, up in reverse
    gap: Duration = 300  # between one service and the next, in whole minutes
    at_latest: TimeOfDay | None = None  # when services with messages stop too
    mute: Switch = True  # mutes these services' alarms meanwhile
    settle: Duration = 1800  # how long alarms stay muted after the last start
    production: Switch = False  # required for production, with `confirm`
    confirm: Text | None = None  # the environment's name, for production

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Return the time zone of all its times."""
        return zoneinfo.ZoneInfo(self.timezone)

    @property
    def steps(self) -> int:
        """Return the minutes from the first service's turn to the last one's."""
        return (len(self.order) - 1) * self.gap // 60

    @property
    def night(self) -> int:
        """Return the minutes from the first service's end until the last one is up and settled."""
        return DAY - minutes(self.down) + minutes(self.up) + self.steps + self.settle // 60

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
        if self.mute and self.night > LONGEST:
            raise ValueError("must have a `settle` with which alarms are muted 15 days at most")
        if self.at_latest is not None and minutes(self.at_latest) <= last_down:
            raise ValueError("can only have an `at_latest` after the last service's turn")
        return self


class Settings(Section):
    """The schedules of an environment."""

    off_hours: OffHours | None = None
