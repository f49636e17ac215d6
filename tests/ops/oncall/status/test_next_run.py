"""The next run of a scheduled action, for the examples in AWS's documentation."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.aws.autoscaling.values import ScheduledAction
from ops.control.cron import CronError
from ops.oncall.status.next_run import next_run

NOW = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)  # a Tuesday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def action(schedule: str, timezone: str = "UTC", **bounds: datetime) -> ScheduledAction:
    return ScheduledAction("night", schedule, timezone, 0, 0, **bounds, resource_id="")


@pytest.mark.parametrize(
    ("schedule", "timezone", "expected"),
    [
        ("cron(0 20 ? * MON-FRI *)", "UTC", "2026-11-24T20:00"),
        ("cron(0 20 ? * MON-FRI *)", "Europe/Berlin", "2026-11-24T19:00"),
        ("cron(0 2 * * ? *)", "UTC", "2026-11-25T02:00"),
        ("cron(0 8 1 * ? *)", "UTC", "2026-12-01T08:00"),
        ("cron(0 8 L * ? *)", "UTC", "2026-11-30T08:00"),
        ("cron(15 10 ? * 6 *)", "UTC", "2026-11-27T10:15"),  # 6 is Friday
        ("cron(0/15 * * * ? *)", "UTC", "2026-11-24T03:45"),
        ("cron(0 0,12 * * ? *)", "UTC", "2026-11-24T12:00"),
        ("cron(0 8 15W * ? *)", "UTC", "2026-12-15T08:00"),
        ("cron(0 8 ? * 2#1 *)", "UTC", "2026-12-07T08:00"),  # the first Monday
        ("cron(0 0 29 FEB ? *)", "UTC", "2028-02-29T00:00"),
        ("cron(0 0 1 1 ? 2028)", "UTC", "2028-01-01T00:00"),
        ("cron(0 0 1 1 ? 2025)", "UTC", None),
        ("at(2026-12-24T18:00:00)", "Europe/Berlin", "2026-12-24T17:00"),
        ("at(2026-01-01T00:00:00)", "UTC", None),
    ],
)
def test_the_first_time_after_now(schedule: str, timezone: str, expected: str | None) -> None:
    assert next_run(action(schedule, timezone), NOW) == (at(expected) if expected else None)


def test_a_wall_clock_time_moves_with_daylight_saving() -> None:
    daily = action("cron(0 7 * * ? *)", "Europe/Berlin")
    assert next_run(daily, at("2026-03-28T06:30")) == at("2026-03-29T05:00")
    assert next_run(daily, at("2026-03-27T06:30")) == at("2026-03-28T06:00")


def test_start_and_end_bound_it() -> None:
    daily = "cron(0 8 * * ? *)"
    starts = action(daily, starts=at("2026-12-01T08:00"))
    assert next_run(starts, NOW) == at("2026-12-01T08:00")
    assert next_run(action(daily, ends=at("2026-11-24T07:59")), NOW) is None
    assert next_run(action(daily, ends=at("2026-11-24T08:00")), NOW) == at("2026-11-24T08:00")
    assert next_run(action(daily, ends=NOW - timedelta(days=1)), NOW) is None
    # One that has just ended need not be readable.
    assert next_run(action("cron(0 8 ? * 2 X)", ends=NOW), NOW) is None


def test_a_rate_counts_from_its_start() -> None:
    started = action("rate(6 hours)", starts=at("2026-11-20T01:00"))
    assert next_run(started, NOW) == at("2026-11-24T07:00")


@pytest.mark.parametrize(
    "schedule",
    [
        "cron(0 8 * *)",
        "rate(1 day)",
        "daily",
        "at(x)",
    ],
)
def test_what_it_does_not_read_it_says(schedule: str) -> None:
    with pytest.raises(CronError):
        next_run(action(schedule), NOW)


@given(
    st.integers(0, 59),
    st.integers(0, 23),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001
)
def test_every_day_comes_within_a_day(minute: int, hour: int, after: datetime) -> None:
    now = after.replace(tzinfo=UTC)
    when = next_run(action(f"cron({minute} {hour} * * ? *)"), now)
    assert when is not None
    assert now < when <= now + timedelta(days=1)
    assert (when.hour, when.minute) == (hour, minute)
