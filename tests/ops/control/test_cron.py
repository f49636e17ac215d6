"""Cron expressions of AWS: six fields for scheduled actions, five for mute rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.control.cron import CronError, parse_cron
from ops.control.undocumented import Choices, Skipped

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 1, 1, tzinfo=UTC)  # a Thursday


def times(
    text: str, count: int, zone: ZoneInfo | None = None, start: datetime = START
) -> list[str]:
    cron, found, moment = parse_cron(text), [], start - timedelta(seconds=1)
    for _ in range(count):
        following = cron.after(moment, zone or ZoneInfo("UTC"))
        assert following is not None
        moment = following
        found.append(moment.strftime("%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cron(0 7 * * ? *)", ["01-01 07:00", "01-02 07:00"]),
        ("cron(*/30 0 1 * ? *)", ["01-01 00:00", "01-01 00:30", "02-01 00:00"]),
        ("cron(0 0 ? * MON-FRI *)", ["01-01 00:00", "01-02 00:00", "01-05 00:00"]),
        ("cron(0 0 ? * 1 *)", ["01-04 00:00", "01-11 00:00"]),  # 1 is Sunday
        ("cron(0 0 L * ? *)", ["01-31 00:00", "02-28 00:00"]),
        ("cron(0 0 3W * ? *)", ["01-02 00:00", "02-03 00:00"]),  # 3 January 2026 is a Saturday
        ("cron(0 0 LW * ? *)", ["01-30 00:00", "02-27 00:00"]),
        ("cron(0 0 1W * ? *)", ["01-01 00:00", "02-02 00:00"]),  # 1 February is a Sunday
        ("cron(0 0 31W 5-8 ? *)", ["05-29 00:00", "06-30 00:00", "07-31 00:00", "08-31 00:00"]),
        ("cron(0 0 ? * 6L *)", ["01-30 00:00", "02-27 00:00"]),  # the last Friday
        ("cron(0 0 ? * 2#1 *)", ["01-05 00:00", "02-02 00:00"]),  # the first Monday
        ("cron(0 0 ? * 5#1 *)", ["01-01 00:00", "02-05 00:00"]),  # the first Thursday
        ("cron(0 0 ? * 5#2 *)", ["01-08 00:00", "02-12 00:00"]),
        ("cron(0 0 29 2 ? *)", ["02-29 00:00"]),
        ("cron(0 0 1 JAN,MAR ? *)", ["01-01 00:00", "03-01 00:00"]),
        ("cron(0 0 ? * FRI-MON *)", ["01-02 00:00", "01-03 00:00", "01-04 00:00", "01-05 00:00"]),
        ("cron(0 0 * * 0)", ["01-04 00:00", "01-11 00:00"]),  # of five fields 0 is Sunday
        ("cron(0 0 * * MON)", ["01-05 00:00", "01-12 00:00"]),
    ],
)
def test_times(text: str, expected: list[str]) -> None:
    assert times(text, len(expected)) == expected


def test_years_come_to_an_end() -> None:
    assert parse_cron("cron(0 0 1 1 ? 2025)").after(START, UTC) is None


def test_a_local_time_follows_daylight_saving() -> None:
    """Clocks change on 29 March and 25 October 2026."""
    march = datetime(2026, 3, 28, tzinfo=UTC)
    assert times("cron(0 7 * * ? *)", 2, BERLIN, march) == ["03-28 06:00", "03-29 05:00"]
    october = datetime(2026, 10, 24, tzinfo=UTC)
    assert times("cron(0 7 * * ? *)", 2, BERLIN, october) == ["10-24 05:00", "10-25 06:00"]


def test_a_time_that_does_not_exist_has_two_readings() -> None:
    cron, before = parse_cron("cron(30 2 * * ? *)"), datetime(2026, 3, 29, tzinfo=UTC)
    after = cron.after(before, BERLIN)
    assert after == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 03:00, when the gap ends
    never = cron.after(before, BERLIN, Choices(skipped=Skipped.NEVER))
    assert never == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first() -> None:
    october = datetime(2026, 10, 25, tzinfo=UTC)
    assert times("cron(30 2 * * ? *)", 2, BERLIN, october) == ["10-25 00:30", "10-26 01:30"]


@pytest.mark.parametrize(
    "text", ["cron(0 7 * *)", "cron(a * * * ? *)", "cron(*/0 * * * ? *)", "rate(1 day)", "cron()"]
)
def test_others_are_refused(text: str) -> None:
    with pytest.raises(CronError):
        parse_cron(text)


@pytest.mark.parametrize(
    ("fields", "first", "last"),
    [
        ("{} * * * ? *", 0, 59),
        ("0 {} * * ? *", 0, 23),
        ("0 0 {} * ? *", 1, 31),
        ("0 0 {}W * ? *", 1, 31),
        ("0 0 1 {} ? *", 1, 12),
        ("0 0 ? * {} *", 1, 7),
        ("0 0 ? * {}#1 *", 1, 7),
        ("0 0 ? * {}L *", 1, 7),
        ("0 0 ? * 2#{} *", 1, 5),
        ("0 0 1 1 ? {}", 1970, 2199),
        ("0 0 * * {}", 0, 7),
    ],
)
def test_each_field_ends_where_it_does_at_aws(fields: str, first: int, last: int) -> None:
    """The ranges are those of EventBridge's table of fields.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    for number in (first, last):
        parse_cron(f"cron({fields.format(number)})")
    for number in (first - 1, last + 1):
        with pytest.raises(CronError):
            parse_cron(f"cron({fields.format(number)})")


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.integers(0, 59))  # noqa: DTZ001
def test_the_next_time_is_later_and_the_last_is_not(moment: datetime, minute: int) -> None:
    now = moment.replace(tzinfo=UTC)
    cron = parse_cron(f"cron({minute} * * * ? *)")
    following = cron.after(now, BERLIN)
    last = cron.last(now, BERLIN, timedelta(days=1))
    assert following is not None
    assert last is not None
    assert last <= now < following <= last + timedelta(hours=2)
