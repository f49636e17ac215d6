"""The times of scheduled actions, and their effect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from ops.control.autoscaling.model import Capacity, Limits
from ops.control.autoscaling.schedule import ScheduledAction, perform, times_between
from ops.control.cron import CronError
from ops.control.undocumented import Choices

BERLIN = ZoneInfo("Europe/Berlin")
CREATED = datetime(2026, 3, 1, tzinfo=UTC)


def action(schedule: str, zone: tzinfo = UTC, **rest: datetime | int | None) -> ScheduledAction:
    return replace(ScheduledAction(schedule, zone, CREATED), **rest)  # type: ignore[arg-type]


def acted(scheduled: ScheduledAction, first: datetime, days: float) -> list[str]:
    moments = times_between(scheduled, first, first + timedelta(days=days))
    return [f"{moment:%m-%d %H:%M}" for moment in moments]


def test_a_working_day_in_berlin_across_the_change_of_clocks() -> None:
    up = action("cron(0 7 ? * MON-FRI *)", BERLIN)
    friday = datetime(2026, 3, 27, tzinfo=UTC)
    assert acted(up, friday, 4) == ["03-27 06:00", "03-30 05:00"]
    autumn = datetime(2026, 10, 23, tzinfo=UTC)
    assert acted(up, autumn, 4) == ["10-23 05:00", "10-26 06:00"]


def test_it_acts_at_its_start_time_as_well_and_not_after_its_end() -> None:
    start, end = CREATED + timedelta(hours=1), CREATED + timedelta(days=2)
    daily = action("cron(0 12 * * ? *)", start=start, end=end)
    assert acted(daily, CREATED, 5) == ["03-01 01:00", "03-01 12:00", "03-02 12:00"]


def test_once() -> None:
    assert acted(action("at(2026-03-02T07:00:00)", BERLIN), CREATED, 5) == ["03-02 06:00"]


def test_at_a_rate() -> None:
    assert acted(action("rate(12 hours)"), CREATED, 1) == ["03-01 12:00", "03-02 00:00"]


@pytest.mark.parametrize("schedule", ["at(tomorrow)", "every day"])
def test_others_are_refused(schedule: str) -> None:
    with pytest.raises(CronError):
        acted(action(schedule), CREATED, 1)


@pytest.mark.parametrize(
    ("limits", "count", "minimum", "maximum", "after", "new_count"),
    [
        ((2, 20), 2, 5, None, (5, 20), 5),  # a minimum above the count
        ((2, 20), 8, 0, 0, (0, 0), 0),  # off-hours
        ((0, 0), 0, 2, 20, (2, 20), 2),  # and back
        ((2, 20), 8, 4, None, (4, 20), None),
        ((2, 20), 8, None, 6, (2, 6), 6),
    ],
)
def test_the_count_is_brought_within_the_limits(
    limits: tuple[int, int],
    count: int,
    minimum: int | None,
    maximum: int | None,
    after: tuple[int, int],
    new_count: int | None,
) -> None:
    scheduled = action("rate(1 day)", minimum=minimum, maximum=maximum)
    done = perform(scheduled, Limits(*limits), Capacity(count, count))
    assert (done.limits.minimum, done.limits.maximum) == after
    assert done.count == new_count


def test_one_limit_alone_stays_legal_only_up_to_the_other() -> None:
    done = perform(action("rate(1 day)", minimum=30), Limits(2, 20), Capacity(2, 2))
    assert done.refused == "the minimum 30 is above the maximum 20"
    assert done.count is None


def test_a_suspended_action_is_lost() -> None:
    limits = Limits(2, 20, schedule_suspended=True)
    done = perform(action("rate(1 day)", minimum=5), limits, Capacity(2, 2))
    assert (done.limits, done.count, done.refused) == (
        limits,
        None,
        "scheduled scaling is suspended",
    )


def test_during_a_deployment_it_has_two_readings() -> None:
    scheduled, capacity = action("rate(1 day)", minimum=5), Capacity(2, 2, is_deploying=True)
    assert perform(scheduled, Limits(2, 20), capacity).count == 5
    lost = Choices(scheduled_during_deployment=False)
    assert perform(scheduled, Limits(2, 20), capacity, lost).count is None
