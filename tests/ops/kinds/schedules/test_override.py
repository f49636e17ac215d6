"""`ops schedules override`: one evening is moved, and no other."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.base import clock
from ops.base.errors import OpsError
from ops.kinds.schedules.calendar import Calendar
from ops.kinds.schedules.override.shift import comes_up_now, end_of_evening, moved
from ops.kinds.schedules.settings import OffHours
from tests.ops.conftest import Ops
from tests.ops.kinds.schedules import live
from tests.ops.kinds.schedules.aws_schedules import MINUTE, bounds_over, muted_over
from tests.ops.kinds.schedules.live import NOON
from tests.ops.kinds.schedules.off_hours import (
    DAYS,
    MONDAY,
    UNSHRUNK,
    actions,
    hours_of_any_kind,
    off_hours,
    place,
    starts,
    wanted,
)


def overridden(hours: OffHours, now: datetime, until: str) -> tuple[list[Any], list[Any]]:
    """The actions of the api and the mute rules after an override at `now`."""
    where = place(now)
    resources = wanted(hours, where)
    shift = moved(hours, where, end_of_evening(hours, time.fromisoformat(until), now))
    starts = {
        each.name: each.start.strftime("%Y-%m-%dT%H:%M:%SZ")
        for each in shift.put_off
        if each.start is not None
    }
    everything = {name: dict(each.properties) for name, each in resources.items()}
    for name, start in starts.items():
        everything[name]["StartTime" if "/" in name else "StartDate"] = start
    everything |= {name: dict(each) for name, each in shift.once.items()}
    return (
        [each for name, each in everything.items() if name.startswith("api/ops-")],
        [each for name, each in everything.items() if "/" not in name],
    )


@settings(max_examples=8, deadline=None, phases=UNSHRUNK)
@given(hours_of_any_kind, starts, st.integers(1, 24 * 60 - 1))
def test_an_override_moves_one_evening_and_no_other(
    hours: OffHours, start: datetime, later: int
) -> None:
    calendar = Calendar(hours)
    wall = calendar.local(start + later * MINUTE).strftime("%H:%M")
    try:
        until = end_of_evening(hours, time.fromisoformat(wall), start)
    except OpsError:
        assert calendar.next_up(start) <= start + (later + 1 + hours.steps) * MINUTE
        return
    was_up = calendar.is_up(start) or calendar.is_up(start - 10 * MINUTE)
    first = (2, 10) if was_up or comes_up_now(hours, until, start) else (0, 0)
    course = bounds_over(overridden(hours, start, wall)[0], start, DAYS, first)
    usual = bounds_over(actions(wanted(hours, place(start)), "api"), start, DAYS, first)
    end = int((until - start) / MINUTE) + 10  # the api is the last
    up = 0 if first != (0, 0) else int((calendar.next_up(start) - start) / MINUTE)
    assert set(course[up:end]) <= {(2, 10)}
    assert course[end] == (0, 0)
    morning = int((calendar.next_up(until) - start) / MINUTE)
    assert set(course[end:morning]) <= {(0, 0)}
    assert course[morning:] == usual[morning:]


def test_alarms_are_heard_until_the_new_end_and_muted_from_then_on() -> None:
    noon = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    muted = muted_over(overridden(off_hours(), noon, "22:00")[1], noon, 24 * 60)
    assert (muted.index(True), muted[21 * 60]) == (10 * 60, False)  # 22:00 in Berlin; 09:00
    muted = muted_over(overridden(off_hours(), noon, "17:00")[1], noon, 24 * 60)
    assert muted.index(True) == 5 * 60
    assert all(muted[5 * 60 : 19 * 60])


def test_an_end_after_the_next_morning_is_refused() -> None:
    for late in (time(6, 50), time(9, 0)):
        with pytest.raises(OpsError, match="before they come up automatically, at Tue 2026-11-24"):
            end_of_evening(off_hours(), late, MONDAY + timedelta(hours=10))
    end_of_evening(off_hours(), time(6, 49), MONDAY + timedelta(hours=10))


def test_early_in_the_morning_it_is_about_the_day_to_come() -> None:
    five = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 05:00 in Berlin
    until = end_of_evening(off_hours(), time(22, 0), five)
    assert until == datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    assert not comes_up_now(off_hours(), until, five)
    muted = muted_over(overridden(off_hours(), five, "22:00")[1], five, 24 * 60)
    assert all(muted[:120])  # to be heard at once would be at five in the morning


def test_no_stop_of_an_evening_falls_into_the_next_day() -> None:
    hours, where = off_hours(at_latest="23:30"), place(MONDAY + timedelta(hours=10))
    until = end_of_evening(hours, time(3, 0), where.now)
    stop = moved(hours, where, until).once["worker/ops-off-hours-once-stop"]
    assert stop["Schedule"] == "at(2026-11-24T06:59:00)"


def test_an_override_survives_sync_and_can_be_taken_back(ops: Ops, staging: Path) -> None:
    ops("sync", "--env", "staging", "--yes")
    put = ops("schedules", "override", "--env", "staging", "--up-until", "22:00")
    assert put.code == 0, put
    today = NOON.strftime("%a %Y-%m-%d")
    assert f"shop, staging is up until {today} 22:00 UTC" in put.out
    once = live.actions()[live.BEAT, "once-down"]
    assert once["Schedule"] == NOON.strftime("at(%Y-%m-%dT22:00:00)")
    tomorrow = NOON.replace(hour=19) + timedelta(days=1)
    assert live.actions()[live.BEAT, "down"]["StartTime"] == tomorrow
    assert live.rules()["shop-staging-off-hours-nights"]["StartDate"] == NOON.replace(hour=22)
    for prune in ([], ["--prune"]):
        synced = ops("sync", "--env", "staging", "--yes", *prune)
        assert synced.code == 0, synced
        assert "Nothing to change" in synced.out
    changed = staging / "copilot/ops.yml"
    changed.write_text(changed.read_text().replace("19:00", "18:30"))
    ops("sync", "--env", "staging", "--yes")
    down = live.actions()[live.BEAT, "down"]
    assert (down["Schedule"], down["StartTime"]) == ("cron(30 18 * * ? *)", tomorrow)
    cleared = ops("schedules", "override", "--env", "staging", "--clear")
    assert "keeps its off-hours: down every day at 18:30" in cleared.out
    assert "StartTime" not in live.actions()[live.BEAT, "down"]
    assert (live.BEAT, "once-down") not in live.actions()
    assert "StartDate" not in live.rules()["shop-staging-off-hours-nights"]


def test_an_override_in_the_night_brings_everything_up(
    ops: Ops, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops("sync", "--env", "staging", "--yes")
    ops("schedules", "down", "--env", "staging")
    monkeypatch.setattr(clock, "now", lambda: NOON.replace(hour=20))
    put = ops("schedules", "override", "--env", "staging", "--up-until", "23:00", "--no-wait")
    assert put.code == 0, put
    assert live.counts() == {"beat": 1, "worker": 2, "web": 2}


def test_an_override_needs_what_it_overrides(ops: Ops, staging: Path) -> None:
    refused = ops("schedules", "override", "--env", "staging", "--up-until", "22:00")
    assert refused.code == 1
    assert "ops schedules sync --env staging" in refused.err
    assert live.actions() == {}
    assert "--up-until HH:MM or --clear" in ops("schedules", "override", "--env", "staging").err
    wrong = ops("schedules", "override", "--env", "staging", "--up-until", "10pm")
    assert "must be a time of day" in wrong.err
