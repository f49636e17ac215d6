"""The times in which a mute rule mutes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ops.control.cloudwatch.mute_windows import is_active, mutes

BERLIN = ZoneInfo("Europe/Berlin")


def rule(expression: str, duration: str, **rest: object) -> dict[str, Any]:
    return {"Rule": {"Schedule": {"Expression": expression, "Duration": duration}}, **rest}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "active"),
    [
        ("2026-07-06T19:59", False),  # a Monday; Berlin is two hours ahead
        ("2026-07-06T20:00", True),
        ("2026-07-07T03:59", True),
        ("2026-07-07T04:00", False),
        ("2026-07-04T20:00", False),  # a Saturday
    ],
)
def test_nights_of_working_days(now: str, active: bool) -> None:
    assert is_active(rule("cron(0 22 * * MON-FRI)", "PT8H"), at(now), BERLIN) is active


@pytest.mark.parametrize(
    ("now", "active"),
    [("2026-01-01T09:59", False), ("2026-01-01T10:00", True), ("2026-01-16T10:00", False)],
)
def test_once_for_the_longest_time(now: str, active: bool) -> None:
    assert is_active(rule("at(2026-01-01T11:00)", "P15D"), at(now), BERLIN) is active


def test_a_rule_that_begins_every_minute_always_mutes() -> None:
    assert is_active(rule("cron(* * * * *)", "P15D"), at("2026-03-29T01:30"), BERLIN)


def test_a_rule_ends_with_its_dates() -> None:
    daily = rule(
        "cron(0 0 * * *)", "PT24H", StartDate=at("2026-05-02"), ExpireDate=at("2026-05-04")
    )
    days = [is_active(daily, at(f"2026-05-0{day}T12:00"), UTC) for day in (1, 2, 3, 4)]
    assert days == [False, True, True, False]


def test_a_rule_mutes_the_alarms_that_it_names() -> None:
    named = rule("cron(0 0 * * *)", "PT1H", MuteTargets={"AlarmNames": ["a"]})
    assert (mutes(named, "a"), mutes(named, "b")) == (True, False)
