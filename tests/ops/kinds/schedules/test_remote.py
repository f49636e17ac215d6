"""Off-hours against AWS's API: synced, unchanged, corrected and removed.

moto runs no scheduled action and mutes nothing; `test_desired.py` checks their effect. Mute
rules and tags of scalable targets are in `ops.local.gaps`.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from ops.base import clock
from ops.kinds.schedules.manual.remote import TaskCounts
from ops.kinds.schedules.manual.steps import Count
from tests.ops.conftest import Ops
from tests.ops.kinds.schedules.live import (
    BEAT,
    KEY,
    WEB,
    WORKER,
    actions,
    break_alarms,
    counts,
    rules,
    targets,
)
from tests.ops.support.copilot_stacks import deploy_worker
from tests.ops.support.faults import FirstCalls


def muted() -> dict[str, Any]:
    return {name: rule["MuteTargets"] for name, rule in rules().items()}


def test_one_sync_makes_it_all_and_the_next_changes_nothing(ops: Ops, staging: Path) -> None:
    synced = ops("sync", "--env", "staging", "--yes")
    assert synced.code == 0, synced
    assert targets() == {BEAT: (0, 1), WORKER: (2, 20), WEB: (0, 2)}
    names = ("down", "up", "up-before-2099-12-24")
    assert actions().keys() == {(each, name) for each in (BEAT, WORKER, WEB) for name in names}
    up = actions()[WORKER, "up-before-2099-12-24"]
    assert up["EndTime"] == datetime(2099, 12, 23, 23, 59, tzinfo=UTC)
    assert up["ScalableTargetAction"] == {"MinCapacity": 2, "MaxCapacity": 20}
    assert (up["Schedule"], up["Timezone"]) == (
        "cron(5 7 ? * MON,TUE,WED,THU,FRI,SAT,SUN *)",
        "UTC",
    )
    assert rules().keys() == {"shop-staging-off-hours-nights", "shop-staging-off-hours-2099-12"}
    night = rules()["shop-staging-off-hours-nights"]
    assert night["MuteTargets"]["AlarmNames"] == [
        "shop-staging-web-high-cpu",
        "shop-staging-web-unhealthy",
    ]
    planned = ops("plan", "--env", "staging", "--exit-code")
    assert planned.code == 0, planned


def test_scaling_takes_the_targets_of_off_hours_for_ours(ops: Ops, staging: Path) -> None:
    """A range for beat would allow two schedulers."""
    ops("sync", "--env", "staging", "--yes")
    for command in (("scaling", "list"), ("scaling", "plan", "--prune"), ("plan", "--prune")):
        told = ops(*command, "--env", "staging")
        assert told.code == 0
        assert "scalable target" not in told.err, command


def test_a_workspace_without_off_hours_leaves_those_of_another_alone(
    ops: Ops, staging: Path
) -> None:
    ops("sync", "--env", "staging", "--yes")
    there = muted()
    for name in ("beat", "worker", "web"):
        (staging / "copilot" / name).rename(staging / name)  # another workspace's
    (staging / "copilot/api").mkdir()
    (staging / "copilot/api/manifest.yml").write_text("name: api\ntype: Backend Service\n")
    (staging / "copilot/ops.yml").write_text("")
    deploy_worker("shop", "staging", "api")
    pruned = ops("sync", "--env", "staging", "--prune", "--yes", "--allow-deletes", "50")
    assert pruned.code == 0, pruned
    assert (
        "schedules that ops created are not deleted (shop-staging-off-hours-2099-12, " in pruned.err
    )
    assert (muted(), len(actions())) == (there, 9)
    deleted = ops("schedules", "delete", "--env", "staging", "--yes")
    assert (deleted.code, muted()) == (0, {})


def test_a_workspace_that_gives_its_off_hours_up_prunes_the_mute_rules_too(
    ops: Ops, staging: Path
) -> None:
    ops("sync", "--env", "staging", "--yes")
    (staging / "copilot/ops.yml").write_text("")
    pruned = ops("sync", "--env", "staging", "--prune", "--yes", "--allow-deletes", "50")
    assert (pruned.code, "left alone" in pruned.err) == (0, False), pruned
    assert (muted(), actions()) == ({}, {})


def test_time_that_passes_is_no_difference(
    ops: Ops, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops("sync", "--env", "staging", "--yes")
    monkeypatch.setattr(clock, "now", lambda: datetime(2099, 12, 27, tzinfo=UTC))
    planned = ops("schedules", "plan", "--env", "staging", "--exit-code")
    assert planned.code == 0, planned
    # What has ended is swept up when asked.
    pruned = ops("schedules", "sync", "--env", "staging", "--prune", "--yes")
    assert pruned.out.count("✔ deleted") == 3
    assert "beat/ops-off-hours-up-before-2099-12-24" in pruned.out


def test_what_others_scheduled_stays_and_what_drifted_is_mended(ops: Ops, staging: Path) -> None:
    ops("sync", "--env", "staging", "--yes")
    client = boto3.client("application-autoscaling")
    key: Any = {**KEY, "ResourceId": WORKER, "ScalableDimension": "ecs:service:DesiredCount"}
    client.put_scheduled_action(**key, ScheduledActionName="by-hand", Schedule="cron(0 3 * * ? *)")
    client.put_scheduled_action(
        **key,
        ScheduledActionName="ops-off-hours-up",
        ScalableTargetAction={"MinCapacity": 9, "MaxCapacity": 9},
    )
    synced = ops("schedules", "sync", "--env", "staging", "--prune", "--yes")
    assert "✔ updated worker/ops-off-hours-up" in synced.out
    assert actions()[WORKER, "up"]["ScalableTargetAction"]["MaxCapacity"] == 20
    assert (WORKER, "by-hand") in actions()


def test_a_time_zone_that_aws_leaves_out_is_utc_and_no_difference(ops: Ops, staging: Path) -> None:
    ops("sync", "--env", "staging", "--yes")
    scaling, cloudwatch = boto3.client("application-autoscaling"), boto3.client("cloudwatch")
    for action in actions().values():
        names = ("ServiceNamespace", "ResourceId", "ScalableDimension", "ScheduledActionName")
        scaling.delete_scheduled_action(**{name: action[name] for name in names})
        kept = (*names, "Schedule", "ScalableTargetAction", "StartTime", "EndTime")
        scaling.put_scheduled_action(**{name: action[name] for name in kept if name in action})
    for rule in rules().values():
        del rule["Rule"]["Schedule"]["Timezone"]
        written = ("Name", "Description", "Rule", "MuteTargets", "StartDate", "ExpireDate")
        cloudwatch.put_alarm_mute_rule(**{name: rule[name] for name in written if name in rule})
    assert "Timezone" not in actions()[BEAT, "up"]
    assert ops("plan", "--env", "staging", "--exit-code").code == 0


def test_a_foreign_target_and_a_foreign_rule_are_not_removed(ops: Ops, staging: Path) -> None:
    client = boto3.client("application-autoscaling")
    key: Any = {**KEY, "ResourceId": BEAT, "ScalableDimension": "ecs:service:DesiredCount"}
    client.register_scalable_target(**key, MinCapacity=1, MaxCapacity=1)
    schedule: Any = {"Schedule": {"Expression": "cron(0 0 * * *)", "Duration": "PT1H"}}
    boto3.client("cloudwatch").put_alarm_mute_rule(
        Name="shop-staging-off-hours-mine", Rule=schedule
    )
    ops("sync", "--env", "staging", "--yes")
    deleted = ops("schedules", "delete", "--env", "staging", "--yes")
    assert deleted.code == 0, deleted
    assert targets() == {BEAT: (1, 1), WORKER: (2, 20)}
    assert rules().keys() == {"shop-staging-off-hours-mine"}


def test_to_delete_off_hours_in_the_night_brings_everything_back(ops: Ops, staging: Path) -> None:
    ops("sync", "--env", "staging", "--yes")
    ops("schedules", "override", "--env", "staging", "--up-until", "22:00")
    assert ops("schedules", "down", "--env", "staging").code == 0
    assert set(counts().values()) == {0}
    deleted = ops("schedules", "delete", "--env", "staging", "--yes")
    assert deleted.code == 0, deleted
    assert counts() == {"beat": 1, "worker": 2, "web": 2}
    assert actions() == {}
    assert targets() == {WORKER: (2, 20)}
    assert rules() == {}


def test_a_mistake_in_one_alarm_unmutes_no_other(ops: Ops, staging: Path) -> None:
    ops("sync", "--env", "staging", "--yes")
    before = muted()
    break_alarms(staging)
    for command in (("sync", "--prune"), ("schedules", "sync")):
        synced = ops(*command, "--env", "staging", "--yes")
        assert synced.code == 1
        assert (
            "copilot/ops.yml:3: schedules: The alarms of `web` that have to be muted are unknown"
            in synced.err
        )
        assert "off-hours" not in synced.out
    assert muted() == before


def test_a_minimum_of_the_same_service_is_refused(ops: Ops, staging: Path) -> None:
    minimum = '{at: "02:58", until: "03:30", timezone: UTC, min: 20}'
    path = staging / "copilot/worker/ops.yml"
    path.write_text(f"queue: {{name: jobs}}\nscaling:\n  minimum: [{minimum}]\n")
    planned = ops("plan", "--env", "staging")
    assert planned.code == 1
    assert "`worker` has off-hours in `staging` and a `scaling.minimum`" in planned.err
    assert "worker/ops-off-hours-down" in planned.out
    assert "ops-minimum" not in planned.out

    without = "environments: {staging: {scaling: {minimum: []}}}\n"  # as the error says
    path.write_text(path.read_text() + without)
    assert ops("plan", "--env", "staging").code == 0


@pytest.mark.parametrize("operation", ["UpdateService", "RegisterScalableTarget"])
def test_a_service_that_did_not_come_back_is_brought_back_by_the_next_run(
    ops: Ops, staging: Path, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    ops("sync", "--env", "staging", "--yes")
    assert ops("schedules", "down", "--env", "staging", "--yes").code == 0
    # The emulator has a service in its bounds at once, and AWS a moment later.
    monkeypatch.setattr(TaskCounts, "count", lambda *_: Count(0, 0))
    first = FirstCalls(monkeypatch, **{operation: "ServerException"})
    deleted = ops("schedules", "delete", "--env", "staging", "--yes")
    assert (deleted.code, first.answered) == (1, [operation])
    [left] = {service for service, name in actions() if name == "up"}
    assert left == WORKER or left in targets()  # AWS removes the actions with the target
    again = ops("schedules", "delete", "--env", "staging", "--yes")
    assert again.code == 0, again
    assert counts() == {"beat": 1, "worker": 2, "web": 2}
    assert (actions(), targets()) == ({}, {WORKER: (2, 20)})


def test_what_is_gone_already_keeps_nothing_else_from_going(
    ops: Ops, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first calls find nothing; the next run removes the rest."""
    ops("sync", "--env", "staging", "--yes")
    ops("schedules", "override", "--env", "staging", "--up-until", "22:00")
    ops("schedules", "down", "--env", "staging", "--yes")
    first = FirstCalls(
        monkeypatch,
        DeleteScheduledAction="ObjectNotFoundException",
        DeleteAlarmMuteRule="ResourceNotFoundException",
        DeregisterScalableTarget="ObjectNotFoundException",
    )
    for _ in range(2):
        deleted = ops("schedules", "delete", "--env", "staging", "--yes")
        assert deleted.code == 0, deleted
        assert counts() == {"beat": 1, "worker": 2, "web": 2}
    assert len(first.answered) == 3
    assert (actions(), rules(), targets()) == ({}, {}, {WORKER: (2, 20)})


def test_a_plan_tells_which_tasks_stay(ops: Ops, staging: Path) -> None:
    planned = ops("schedules", "plan", "--env", "staging")
    assert planned.code == 0
    assert planned.err.startswith("warning: `worker` keeps its tasks all night: no policy in its")
    (staging / "copilot/worker/ops.yml").write_text(
        "queue: {name: jobs}\nscaling: {queue_depth: {target: 100}}\n"
    )
    assert ops("schedules", "plan", "--env", "staging").err == ""


def test_a_mute_rule_comes_after_the_deepest_alarm_and_goes_before_it(
    ops: Ops, staging: Path
) -> None:
    nested = "".join(
        f"    level-{level}: {{summary: Nested., rule: ALARM({below})}}\n"
        for level, below in enumerate(("high-cpu", "level-0", "level-1", "level-2", "level-3"))
    )
    path = staging / "copilot/web/ops.yml"
    path.write_text(path.read_text().replace("    unhealthy:", f"{nested}    unhealthy:"))
    made = ops("sync", "--env", "staging", "--output", "json").data["results"]
    for name in ("copilot/ops.yml", "copilot/web/ops.yml"):
        (staging / name).write_text("")
    gone = ops("sync", "--env", "staging", "--prune", "--allow-deletes", "99", "--output", "json")
    for results, alarms_first in ((made, True), (gone.data["results"], False)):
        assert all(each["done"] for each in results)
        names = [each["name"] for each in results]
        deepest = names.index("shop-staging-web-level-4")
        assert (deepest < names.index("shop-staging-off-hours-nights")) is alarms_first
