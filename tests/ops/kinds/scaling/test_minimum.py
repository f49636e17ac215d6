"""A minimum that rises ahead of a known load: the scheduled actions, then moto over HTTP."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from pydantic import ValidationError

from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace, ServiceStack
from ops.copilot.workload import TaskRange, Workload
from ops.kinds.scaling.desired import desired
from ops.kinds.scaling.settings import Settings
from ops.kinds.schedules.settings import Settings as Schedules
from tests.ops.conftest import Ops
from tests.ops.kinds.schedules.aws_schedules import MINUTE, fires
from tests.ops.support.copilot_stacks import target_name

TARGET: Any = {
    "ServiceNamespace": "ecs",
    "ResourceId": target_name("shop", "prod", "worker"),
    "ScalableDimension": "ecs:service:DesiredCount",
}
STACK = ServiceStack(
    "shop-prod-worker", "shop-prod", "shop-worker", scalable_target=TARGET["ResourceId"]
)
RANGE = TaskRange(2, 40)
BATCH = {"at": "02:58", "until": "03:30", "timezone": "Europe/Berlin", "min": 20}
WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]
MANIFEST = "name: worker\ntype: Backend Service\ncount: {range: 2-40}\n"
OPS_YML = """\
scaling:
  minimum:
    - {at: "02:58", until: "03:30", timezone: Europe/Berlin, min: 20}
"""


def actions_of(
    *minimums: dict[str, Any], tasks: TaskRange | None = RANGE, off: bool = False
) -> dict[str, Any]:
    workload = Workload(tasks=tasks)
    hours = {"timezone": "UTC", "up": "07:00", "down": "19:00", "order": ["worker"]}
    shared = {"schedules": Schedules.model_validate({"off_hours": hours if off else None})}
    place = ServicePlace("shop", "prod", "worker", STACK, workload, shared=shared)
    wanted = desired(Settings.model_validate({"minimum": minimums}), place)
    return {each.name: each.properties for each in wanted}


def course(made: dict[str, Any], start: datetime, minutes: int) -> list[int]:
    """Return a target's minimum for each minute, from the manifest's on."""
    current, found = 2, []
    for now in (start + number * MINUTE for number in range(minutes)):
        for action in made.values():
            if fires(action["Schedule"], action["Timezone"], now):
                current = action["ScalableTargetAction"]["MinCapacity"]
        found.append(current)
    return found


def test_the_minimum_rises_and_comes_back_and_the_maximum_stays() -> None:
    made = actions_of(BATCH)
    assert made == {
        "worker/ops-minimum-0258": {
            "Schedule": "cron(58 2 ? * MON,TUE,WED,THU,FRI,SAT,SUN *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 20},
            "StartTime": None,
            "EndTime": None,
        },
        "worker/ops-minimum-0258-over": {
            "Schedule": "cron(30 3 ? * MON,TUE,WED,THU,FRI,SAT,SUN *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 2},
            "StartTime": None,
            "EndTime": None,
        },
    }


def test_it_is_in_force_in_its_own_time_zone_on_its_days_alone() -> None:
    made = actions_of({**BATCH, "weekdays": WORKDAYS})
    monday = datetime(2026, 11, 23, tzinfo=UTC)  # Berlin is an hour ahead
    week = course(made, monday, 7 * 24 * 60)
    in_force = [monday + number * MINUTE for number, least in enumerate(week) if least == 20]
    assert len(in_force) == 5 * 32
    assert in_force[0] == monday + timedelta(hours=1, minutes=58)
    assert {moment.weekday() for moment in in_force} == {0, 1, 2, 3, 4}


def test_one_that_ends_after_midnight_ends_on_the_next_day() -> None:
    night = {**BATCH, "at": "23:50", "until": "00:20", "timezone": "UTC", "weekdays": ["sun"]}
    made = actions_of(night)
    assert made.keys() == {"worker/ops-minimum-2350-sun", "worker/ops-minimum-2350-sun-over"}
    week = course(made, datetime(2026, 11, 22, tzinfo=UTC), 2 * 24 * 60)  # from a Sunday on
    assert [number for number, least in enumerate(week) if least == 20] == list(range(1430, 1460))


def test_several_are_told_apart_by_time_and_days() -> None:
    made = actions_of(
        {**BATCH, "weekdays": WORKDAYS},
        {**BATCH, "weekdays": ["sun"]},
        {**BATCH, "at": "04:00", "until": "04:10"},
    )
    assert len(made) == 6
    assert "worker/ops-minimum-0258-mon-tue-wed-thu-fri" in made


def test_one_may_begin_a_minute_after_another() -> None:
    assert len(actions_of(BATCH, {**BATCH, "at": "03:31", "until": "03:40"})) == 4


@pytest.mark.parametrize(
    ("minimums", "why"),
    [
        ([{**BATCH, "until": "02:58"}], "must not end at the time at which it begins"),
        ([{**BATCH, "weekdays": ["mon", "mon"]}], "twice"),
        ([{**BATCH, "weekdays": []}], "at least 1"),
        ([{**BATCH, "timezone": "Berlin"}], "time zone such as"),
        ([{**BATCH, "at": "25:00"}], "time of day"),
        ([{**BATCH, "min": 0}], "greater than or equal to 1"),
        (
            [BATCH, {**BATCH, "at": "03:00", "until": "03:10"}],
            "one at 03:00 that overlap",
        ),
        ([BATCH, {**BATCH, "at": "03:30", "until": "03:40"}], "that overlap"),
        ([{**BATCH, "at": "23:00", "until": "03:00"}, BATCH], "that overlap"),
        (
            [
                {**BATCH, "at": "23:00", "until": "03:00", "weekdays": ["sun"]},
                {**BATCH, "weekdays": ["mon"]},
            ],
            "that overlap",
        ),
        ([BATCH, {**BATCH, "at": "05:00", "until": "06:00", "timezone": "UTC"}], "one time zone"),
    ],
)
def test_what_could_not_be_put_back_is_refused(minimums: list[dict[str, Any]], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Settings.model_validate({"minimum": minimums})


@pytest.mark.parametrize(
    ("tasks", "off", "what"),
    [
        (TaskRange(2, 40), True, "`worker` has off-hours in `prod` and a `scaling.minimum`"),
        (None, False, "cannot be read from its manifest"),
        (TaskRange(2, 19), False, "is 20 tasks, and its manifest allows 2 to 19"),
        (TaskRange(20, 40), False, "is 20 tasks, and its manifest allows 20 to 40"),
    ],
)
def test_a_minimum_that_cannot_be_kept_is_an_error(
    tasks: TaskRange | None,
    off: bool,
    what: str,
) -> None:
    with pytest.raises(OpsError, match=what):
        actions_of(BATCH, tasks=tasks, off=off)


def test_it_needs_a_range_that_is_deployed() -> None:
    place = ServicePlace("shop", "prod", "worker", ServiceStack("stack", "cluster", "service"))
    with pytest.raises(OpsError, match="has a fixed count"):
        desired(Settings.model_validate({"minimum": [BATCH]}), place)


def actions() -> dict[str, Any]:
    found = boto3.client("application-autoscaling").describe_scheduled_actions(
        ServiceNamespace="ecs"
    )
    return {each["ScheduledActionName"]: each for each in found["ScheduledActions"]}


def least() -> int:
    client = boto3.client("application-autoscaling")
    [target] = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert target["MaxCapacity"] == 20, "the stack's, which is not ours to move"
    return int(target["MinCapacity"])


@pytest.fixture
def synced(ops: Ops, deployed: dict[str, str], workspace: Path) -> Path:
    (workspace / "copilot/worker/manifest.yml").write_text(MANIFEST.replace("40", "20"))
    path = workspace / "copilot/worker/ops.yml"
    path.write_text(OPS_YML)
    run = ops("scaling", "sync", "--env", "prod")
    assert run.code == 0, run
    return path


def test_a_second_sync_finds_nothing_and_drift_is_mended(ops: Ops, synced: Path) -> None:
    assert actions().keys() == {"ops-minimum-0258", "ops-minimum-0258-over"}
    again = ops("scaling", "plan", "--env", "prod", "--exit-code")
    assert (again.code, again.err) == (0, "")
    listed = ops("scaling", "list", "--env", "prod")
    assert "20 tasks or more" in listed.out

    client = boto3.client("application-autoscaling")
    by_hand: Any = {"Schedule": "cron(0 4 * * ? *)", "ScalableTargetAction": {"MinCapacity": 5}}
    client.put_scheduled_action(**TARGET, **by_hand, ScheduledActionName="ops-minimum-0258")
    planned = ops("scaling", "plan", "--env", "prod")
    assert "ScalableTargetAction.MinCapacity" in planned.out
    assert "5 → 20" in planned.out
    assert ops("scaling", "sync", "--env", "prod").code == 0
    assert ops("scaling", "plan", "--env", "prod", "--exit-code").code == 0


def test_a_range_that_it_raised_is_explained(ops: Ops, synced: Path) -> None:
    client = boto3.client("application-autoscaling")
    client.register_scalable_target(**TARGET, MinCapacity=19)  # as at 02:58
    assert ops("scaling", "plan", "--env", "prod").err == ""


@pytest.mark.parametrize(("there", "after"), [(20, 2), (7, 7), (2, 2)])
def test_pruning_puts_back_the_minimum_that_it_raised_and_no_other(
    ops: Ops, synced: Path, there: int, after: int
) -> None:
    client = boto3.client("application-autoscaling")
    client.register_scalable_target(**TARGET, MinCapacity=there)
    action: Any = {"Schedule": "cron(0 4 * * ? *)", "ScalableTargetAction": {"MinCapacity": 5}}
    client.put_scheduled_action(**TARGET, **action, ScheduledActionName="somebodys")
    synced.write_text("")
    pruned = ops("scaling", "sync", "--env", "prod", "--prune")
    assert pruned.code == 0, pruned
    assert "✔ deleted worker/ops-minimum-0258-over" in pruned.out
    assert actions().keys() == {"somebodys"}
    assert least() == after
