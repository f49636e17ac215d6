"""Scheduled actions and mute rules that AWS refuses are refused in the file or the plan."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from ops.base.errors import DeclarationError
from ops.kinds.schedules.muting import mute_once
from tests.ops.kinds.schedules.off_hours import API, MONDAY, off_hours, place, wanted


@pytest.mark.parametrize("zone", ["Factory", "localtime", "posix/Europe/Berlin", "europe/berlin"])
def test_a_zone_that_joda_time_does_not_know_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError, match="must be a time zone such as Europe/Berlin"):
        off_hours(timezone=zone)


def test_alarms_are_muted_fifteen_days_at_most() -> None:
    """Three services with gaps of half an hour sleep for 13 hours, and then they settle."""
    longest, longer = f"{(15 * 24 - 13) * 60}m", f"{(15 * 24 - 13) * 60 + 1}m"
    off_hours(gap="30m", settle=longest)
    off_hours(gap="30m", settle=longer, mute=False)
    with pytest.raises(ValidationError, match="with which alarms are muted 15 days at most"):
        off_hours(gap="30m", settle=longer)


@pytest.mark.parametrize(
    ("days", "duration"),
    [(0, "PT18H40M"), (30, "PT360H")],  # until 07:40 the next morning; fifteen days
)
def test_an_early_evening_is_muted_until_all_is_back(days: int, duration: str) -> None:
    """It begins on Monday, 13:00 in Berlin. The last service starts at 07:10, and settles."""
    holidays = [str(MONDAY.date() + timedelta(days=day)) for day in range(days)]
    [rule] = mute_once(off_hours(holidays=holidays), [API], place(), "once", MONDAY).values()
    schedule: Any = rule["Rule"]
    assert schedule["Schedule"]["Duration"] == duration


def test_a_day_has_a_minute_in_which_all_is_up() -> None:
    off_hours(down="07:11")
    with pytest.raises(ValidationError, match="must be up, the last service included"):
        off_hours(down="07:10")


def test_a_target_has_two_hundred_actions_at_most() -> None:
    monday = date(2027, 1, 4)
    holidays = [str(monday + timedelta(weeks=week)) for week in range(199)]
    wanted(off_hours(holidays=holidays[:198]))
    with pytest.raises(
        DeclarationError, match=r"take 201 scheduled actions.*AWS takes 200"
    ) as caught:
        wanted(off_hours(holidays=holidays))
    assert caught.value.location == ("schedules", "off_hours", "holidays")
