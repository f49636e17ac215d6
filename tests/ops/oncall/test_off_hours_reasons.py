"""Why a service is down in off-hours: `ops` stopped it, and when it returns."""

from datetime import UTC, datetime

import pytest

from ops.aws.autoscaling.values import ScheduledAction
from ops.copilot.workload import TaskRange
from ops.oncall.status.reasons import reasons
from ops.oncall.status.snapshot import ServiceState
from tests.ops.oncall.status.moments import scaling, scheduled, state

DOWN = scheduled("ops-off-hours-down", "cron(0 19 * * ? *)", 0, 0)
UP = scheduled("ops-off-hours-up", "cron(0 7 ? * MON-FRI *)", 1, 1)
NIGHT = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)  # a Tuesday
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def beat(*actions: ScheduledAction) -> ServiceState:
    held = scaling(least=0, most=0, policies=(), scheduled=actions)
    return state(desired=0, manifest=TaskRange(1, 1), scaling=held, policy_alarms=())


def test_the_schedule_took_it_down_and_brings_it_back() -> None:
    told = reasons(beat(DOWN, UP), NIGHT)
    assert "`ops` stopped it for off-hours, by ops-off-hours-down at 2026-11-24 19:00 UTC." in told
    assert (
        "It starts again at 2026-11-25 07:00 UTC, in 8 h, by ops-off-hours-up; `ops schedules "
        "up` starts it now." in told
    )
    assert not [each for each in told if "Nothing scales it" in each or "hand" in each]


def test_somebody_took_it_down_by_ops_although_nothing_was_due() -> None:
    told = reasons(beat(DOWN, UP), NOON)
    assert "`ops schedules down` stopped it manually: no off-hours are due." in told
    assert any(each.startswith("It starts again at 2026-11-25 07:00 UTC, in 19 h") for each in told)


def test_over_a_weekend_the_last_evening_counts() -> None:
    told = reasons(beat(DOWN, UP), SATURDAY)
    assert any("by ops-off-hours-down at 2026-11-27 19:00 UTC" in each for each in told)
    assert any("It starts again at 2026-11-30 07:00 UTC" in each for each in told)


def test_without_an_action_that_brings_it_up_it_says_so() -> None:
    told = reasons(beat(DOWN), NIGHT)
    assert "It does not start again automatically: run `ops schedules up`." in told


def test_another_tools_schedule_is_not_taken_for_ours() -> None:
    night = scheduled("night", "cron(0 19 * * ? *)", 0, 0)
    told = " ".join(reasons(beat(night), NIGHT))
    assert "so the scheduled action night, has changed it since" in told
    assert "ops" not in told.split("Its manifest")[1].split(".")[0]


@pytest.mark.parametrize(("most", "text"), [(1, "1 task,"), (3, "3 tasks,")])
def test_one_task_is_a_task(most: int, text: str) -> None:
    one = state(
        desired=most, manifest=TaskRange(most, most), scaling=scaling(least=most, most=most)
    )
    assert f"It may have {text} as its manifest says." in reasons(one, NOON)
