"""Scheduled actions and mute rules that AWS refuses are refused in the file or the plan."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from ops.base.errors import DeclarationError
from tests.ops.kinds.schedules.off_hours import off_hours, wanted


@pytest.mark.parametrize("zone", ["Factory", "localtime", "posix/Europe/Berlin", "europe/berlin"])
def test_a_zone_that_joda_time_does_not_know_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError, match="must be a time zone such as Europe/Berlin"):
        off_hours(timezone=zone)


def test_alarms_are_muted_fifteen_days_at_most() -> None:
    off_hours(settle="14d")
    off_hours(settle="15d", mute=False)
    with pytest.raises(ValidationError, match="with which alarms are muted 15 days at most"):
        off_hours(settle="15d")


def test_a_target_has_two_hundred_actions_at_most() -> None:
    monday = date(2027, 1, 4)
    holidays = [str(monday + timedelta(weeks=week)) for week in range(199)]
    wanted(off_hours(holidays=holidays[:198]))
    with pytest.raises(
        DeclarationError, match=r"take 201 scheduled actions.*AWS takes 200"
    ) as caught:
        wanted(off_hours(holidays=holidays))
    assert caught.value.location == ("schedules", "off_hours", "holidays")
