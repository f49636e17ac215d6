"""Desired off-hours: the actions and mute rules, and their effect at AWS."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from ops.base.errors import OpsError
from ops.copilot.workload import TaskRange, Workload
from ops.kinds.alarms.settings import Settings as AlarmSettings
from ops.kinds.scaling.settings import Settings as Scaling
from ops.kinds.schedules.calendar import Calendar
from ops.kinds.schedules.desired import desired, warnings
from ops.kinds.schedules.settings import OffHours, Settings
from tests.ops.kinds.schedules.aws_schedules import MINUTE, bounds_over, muted_over
from tests.ops.kinds.schedules.off_hours import (
    ALARMS,
    API,
    BEAT,
    DAYS,
    MONDAY,
    UNSHRUNK,
    WORKER,
    actions,
    hours_of_any_kind,
    off_hours,
    place,
    rules,
    starts,
    wanted,
)


def test_services_go_down_in_order_and_come_up_in_reverse() -> None:
    resources = wanted(off_hours())
    schedules = {
        name: (each.properties["Schedule"], each.properties["ScalableTargetAction"])
        for name, each in resources.items()
        if "/ops-" in name
    }
    days = "MON,TUE,WED,THU,FRI"
    assert schedules == {
        "beat/ops-off-hours-down": ("cron(0 19 * * ? *)", {"MinCapacity": 0, "MaxCapacity": 0}),
        "beat/ops-off-hours-up": (
            f"cron(10 7 ? * {days} *)",
            {"MinCapacity": 1, "MaxCapacity": 1},
        ),
        "worker/ops-off-hours-down": ("cron(5 19 * * ? *)", {"MinCapacity": 0, "MaxCapacity": 4}),
        "worker/ops-off-hours-up": (
            f"cron(5 7 ? * {days} *)",
            {"MinCapacity": 1, "MaxCapacity": 4},
        ),
        "api/ops-off-hours-down": ("cron(10 19 * * ? *)", {"MinCapacity": 0, "MaxCapacity": 0}),
        "api/ops-off-hours-up": (
            f"cron(0 7 ? * {days} *)",
            {"MinCapacity": 2, "MaxCapacity": 10},
        ),
    }


def test_only_a_service_without_a_scalable_target_gets_one_and_first() -> None:
    resources = wanted(off_hours())
    targets = [each for each in resources.values() if each.name.endswith("/scalable-target")]
    assert [each.name for each in targets] == ["beat/scalable-target"]
    assert targets[0].tags["managed-by"] == "ops"
    assert targets[0].stage < resources["beat/ops-off-hours-up"].stage


def test_a_worker_keeps_its_tasks_until_its_queue_is_empty_or_it_is_late() -> None:
    resources = wanted(off_hours(at_latest="22:00"))
    assert resources["worker/ops-off-hours-stop"].properties["Schedule"] == "cron(0 22 * * ? *)"
    assert "api/ops-off-hours-stop" not in resources
    fixed = replace(WORKER, workload=replace(WORKER.workload, tasks=TaskRange(2, 2)))
    with pytest.raises(OpsError, match="consumes a queue and has a fixed count"):
        wanted(off_hours(), place(MONDAY, BEAT, fixed, API))
    resources = wanted(off_hours(at_latest="22:00"), place(MONDAY, BEAT, fixed, API))
    assert "worker/ops-off-hours-down" not in resources
    assert "worker/ops-off-hours-stop" in resources


BACKSTOP = {"queue_depth": {"target": 1000, "scale_in": False}}
LOAD = {"load_per_task": {"seconds_per_task": 1}}
PUBLISHED = {"published_load": {"namespace": "Shop"}}
ALL_NIGHT, TILL_TEN = "", "22:00"


@pytest.mark.parametrize(
    ("scaling", "at_latest", "told"),
    [
        (None, ALL_NIGHT, "keeps its tasks all night: no policy"),
        (None, TILL_TEN, None),
        ({"queue_depth": {"target": 100}}, ALL_NIGHT, None),
        ({"backlog_per_task": {"target": 10}}, ALL_NIGHT, None),
        ({"queue_depth": {"target": 100}, **PUBLISHED}, ALL_NIGHT, None),
        (BACKSTOP, ALL_NIGHT, "keeps its tasks all night: no policy"),
        ({**BACKSTOP, **LOAD}, ALL_NIGHT, "keeps a task all night: load_per_task never"),
        ({**BACKSTOP, **LOAD}, TILL_TEN, None),
        ({**BACKSTOP, **PUBLISHED}, ALL_NIGHT, "keeps as many tasks as it has, up to 4, all night"),
        (
            {**BACKSTOP, **PUBLISHED},
            TILL_TEN,
            "keeps as many tasks as it has, up to 4, until 22:00",
        ),
        ({**LOAD, **PUBLISHED}, TILL_TEN, None),
    ],
)
def test_tasks_that_no_policy_takes_in_are_told(
    scaling: dict[str, Any] | None, at_latest: str, told: str | None
) -> None:
    declared = {} if scaling is None else {"scaling": Scaling.model_validate(scaling)}
    where = place(MONDAY, BEAT, replace(WORKER, declared=declared), API)
    hours = Settings(off_hours=off_hours(at_latest=at_latest or None))
    warned = warnings(hours, where)
    if told is None:
        assert warned == []
        return
    [warning] = warned
    assert warning.startswith(f"`worker` {told}")
    assert ("at_latest" in warning) is (at_latest == ALL_NIGHT)


def test_a_count_that_only_the_shell_knows_and_a_missing_service_are_told() -> None:
    unknown = replace(API, workload=Workload(tasks=None))
    with pytest.raises(OpsError, match="How many tasks `api` has cannot be read"):
        wanted(off_hours(), place(MONDAY, BEAT, WORKER, unknown))
    with pytest.raises(OpsError, match="name `worker`, which is not deployed") as raised:
        wanted(off_hours(), place(MONDAY, BEAT, API))
    assert "copilot svc deploy -n worker -e staging" in raised.value.next_step
    with pytest.raises(OpsError, match="name `beat`, which is not deployed") as raised:
        wanted(off_hours(), place(MONDAY, API))
    assert "copilot svc deploy -n beat -e staging" in raised.value.next_step


@pytest.mark.parametrize("name", ["prod", "production", "prod-eu", "PRD", "live2"])
def test_production_says_so_twice(name: str) -> None:
    there = replace(place(), environment=name)
    for said in ({}, {"production": True}, {"confirm": name}, {"production": True, "confirm": "x"}):
        with pytest.raises(OpsError, match="is production"):
            wanted(off_hours(**said), there)
    assert wanted(off_hours(production=True, confirm=name), there)


def test_what_merely_begins_like_production_is_not() -> None:
    assert wanted(off_hours(), replace(place(), environment="products"))
    with pytest.raises(OpsError, match="is production"):
        wanted(off_hours(production=True), replace(place(), environment="staging"))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"timezone": "Europe/Berln"}, "must be a time zone"),
        ({"timezone": "../../etc/passwd"}, "must be a time zone"),
        ({"up": "7:00"}, "must be a time of day"),
        ({"down": "24:00"}, "must be a time of day"),
        ({"up": "19:00", "down": "07:00"}, "before `down` of the same day"),
        ({"up": "18:55"}, "the last service included, before `down`"),
        ({"down": "23:55"}, "before midnight"),
        ({"at_latest": "19:10"}, "after the last service's turn"),
        ({"holidays": ["2026-13-01"]}, "must be a date"),
        ({"weekdays": []}, "at least 1"),
        ({"order": ["api", "api"]}, "twice"),
        ({"gap": "30s"}, "whole minutes"),
    ],
)
def test_what_cannot_be_meant_is_refused(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        off_hours(**said)


def test_a_holiday_cuts_what_brings_up_and_its_passing_changes_nothing() -> None:
    hours = off_hours(holidays=["2026-12-25", "2026-12-24", "2026-12-26", "2027-01-01"])
    before = {each.name: each for each in desired(Settings(off_hours=hours), place())}
    ups = {name for name in before if name.startswith("api/ops-off-hours-up")}
    assert ups == {
        "api/ops-off-hours-up-before-2026-12-24",
        "api/ops-off-hours-up-before-2027-01-01",
        "api/ops-off-hours-up",
    }
    after_christmas = before["api/ops-off-hours-up-before-2027-01-01"].properties
    assert after_christmas["StartTime"] == "2026-12-28T06:00:00Z"  # Monday, 07:00 in Berlin
    assert after_christmas["EndTime"] == "2026-12-31T22:59:00Z"
    later = wanted(hours, place(datetime(2026, 12, 29, tzinfo=UTC)))
    assert before.keys() - later.keys() == {
        f"{name}/ops-off-hours-up-before-2026-12-24" for name in ("beat", "worker", "api")
    }
    changed = {name for name in later if later[name] != before[name]}
    assert changed == {
        # That they have begun is all.
        *(f"{name}/ops-off-hours-up-before-2027-01-01" for name in ("beat", "worker", "api")),
        "shop-staging-off-hours-2026-12",
    }


@settings(max_examples=8, deadline=None, phases=UNSHRUNK)
@given(hours_of_any_kind, starts)
def test_aws_has_the_services_up_on_working_days_and_at_no_other_time(
    hours: OffHours, start: datetime
) -> None:
    calendar = Calendar(hours)
    resources = wanted(hours, place(start))
    was_up = calendar.is_up(start) or calendar.is_up(start - 10 * MINUTE)
    first = (2, 10) if was_up else (0, 0)
    course = bounds_over(actions(resources, "api"), start, DAYS, first)
    for number in range(0, DAYS, 5):
        now = start + number * MINUTE
        # The api is the last to go: 10 minutes after the first.
        is_up, was_up = calendar.is_up(now), calendar.is_up(now - 10 * MINUTE)
        if is_up == was_up:
            assert course[number] == ((2, 10) if is_up else (0, 0)), now


@settings(max_examples=8, deadline=None, phases=UNSHRUNK)
@given(hours_of_any_kind, starts)
def test_alarms_are_muted_while_the_services_are_down(hours: OffHours, start: datetime) -> None:
    hours = hours.model_copy(update={"timezone": "UTC"})  # a night with another hour: see below
    calendar = Calendar(hours)
    muted = muted_over(rules(wanted(hours, place(start))), start, DAYS)
    settled = timedelta(minutes=hours.steps, seconds=hours.settle)
    for number in range(0, DAYS, 5):
        now = start + number * MINUTE
        if not calendar.is_up(now):
            assert muted[number], now
        elif calendar.is_up(now - settled) or not hours.mute:
            assert not muted[number], now


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Europe/Berlin", "Pacific/Pago_Pago"])
def test_the_dates_of_a_holiday_hold_in_whatever_zone_they_are_taken(zone: str) -> None:
    hours = off_hours(timezone=zone, holidays=["2026-12-01", "2026-12-31"])
    [rule] = [each for each in rules(wanted(hours)) if "holidays" in each["Description"]]
    for taken in (UTC, hours.zone):
        start, expire = (
            datetime.fromisoformat(rule[name].removesuffix("Z")).replace(tzinfo=taken)
            for name in ("StartDate", "ExpireDate")
        )
        assert start < datetime(2026, 12, 1, tzinfo=hours.zone)
        assert expire > datetime(2026, 12, 31, 23, 59, tzinfo=hours.zone)
        assert expire < datetime(2027, 12, 1, tzinfo=hours.zone)


def test_a_rule_of_holidays_that_has_begun_needs_no_start() -> None:
    """It begins a day before its month: at midnight of 30 November, in Berlin."""
    hours = off_hours(holidays=["2026-12-24"])
    begin = datetime(2026, 11, 29, 23, tzinfo=UTC)
    for now, start in ((begin, None), (begin - MINUTE, "2026-11-29T23:00:00Z")):
        [rule] = [each for each in rules(wanted(hours, place(now))) if "holidays" in str(each)]
        assert rule["StartDate"] == start


def test_the_next_turn_of_a_time_is_tomorrow_once_it_has_come() -> None:
    calendar = Calendar(off_hours())
    seven = datetime(2026, 11, 23, 6, tzinfo=UTC)  # 07:00 in Berlin
    assert calendar.next_daily(seven - MINUTE, 7 * 60) == seven
    assert calendar.next_daily(seven, 7 * 60) == seven + timedelta(days=1)
    assert calendar.next_up(seven - MINUTE) == seven
    assert calendar.next_up(seven) == seven + timedelta(days=1)


def test_the_hour_that_autumn_adds_leaves_no_gap_before_a_day_off() -> None:
    friday = datetime(2026, 10, 23, 17, 0, tzinfo=UTC)  # 19:00 in Berlin; clocks change on Sunday
    muted = muted_over(rules(wanted(off_hours(), place(friday))), friday, 61 * 60)
    assert all(muted)


def test_only_alarms_that_services_declare_are_muted_a_hundred_at_a_time() -> None:
    many = AlarmSettings(define={f"a{n:03}": ALARMS.define["high-cpu"] for n in range(150)})
    loud = replace(API, declared={"alarms": many})
    resources = wanted(off_hours(order=["api"]), place(MONDAY, loud))
    nights = [each for each in rules(resources) if "at night" in each["Description"]]
    assert [len(each["MuteTargets"]["AlarmNames"]) for each in nights] == [100, 50]
    quiet = replace(API, declared={})
    assert not rules(wanted(off_hours(order=["api"]), place(MONDAY, quiet)))
    assert not rules(wanted(off_hours(order=["api"], mute=False), place(MONDAY, loud)))
