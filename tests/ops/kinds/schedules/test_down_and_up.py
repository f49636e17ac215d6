"""`ops schedules down` and `up`."""

from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from ops.base import clock
from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace, ServiceStack
from ops.copilot.workload import TaskRange, Workload
from ops.kinds.schedules.manual.remote import TaskCounts
from ops.kinds.schedules.manual.run import run
from ops.kinds.schedules.manual.steps import Count, steps_down, steps_up
from tests.documents import HOW_TO, blocks_of, missing
from tests.ops.conftest import Ops
from tests.ops.kinds.schedules.live import (
    BEAT,
    DECLARED,
    NOON,
    WEB,
    WORKER,
    break_alarms,
    counts,
    rules,
    targets,
)
from tests.ops.support.shell import run as run_command


def test_down_and_up_go_in_order(ops: Ops, staging: Path, calls: list[str]) -> None:
    ops("sync", "--env", "staging", "--yes")
    went = ops("schedules", "down", "--env", "staging")
    assert went.code == 0, went
    assert went.out.splitlines()[:3] == [
        "  ✔ beat: no tasks",
        "  ✔ worker: no tasks",
        "  ✔ web: no tasks",
    ]
    tomorrow = (NOON + timedelta(days=1)).strftime("%a %Y-%m-%d")
    assert f"It comes up automatically at {tomorrow} 07:00 UTC." in went.out
    assert set(counts().values()) == {0}
    assert set(targets().values()) == {(0, 0)}
    assert "shop-staging-off-hours-once-by-hand" in rules()
    came = ops("schedules", "up", "--env", "staging", "--no-wait", "--output", "json")
    assert [each["service"] for each in came.data["services"]] == ["web", "worker", "beat"]
    assert counts() == {"beat": 1, "worker": 2, "web": 2}
    assert targets() == {BEAT: (1, 1), WORKER: (2, 20), WEB: (2, 2)}
    assert "shop-staging-off-hours-once-by-hand" not in rules()
    assert ops("schedules", "plan", "--env", "staging", "--exit-code").code == 0


def test_why_and_status_say_that_ops_took_it_down_and_when_it_comes_back(
    ops: Ops, staging: Path
) -> None:
    """A service without Copilot's scaling is reported too: off-hours give it a
    scalable target.
    """
    ops("sync", "--env", "staging", "--yes")
    ops("schedules", "down", "--env", "staging")
    tomorrow = (NOON + timedelta(days=1)).strftime("%Y-%m-%d")
    for said in (ops("why", "beat", "--env", "staging").out, ops("status", "--env", "staging").out):
        assert "`ops schedules down` stopped it manually: no off-hours are due." in said
        assert f"It starts again at {tomorrow} 07:" in said
        assert "hand or another tool" not in said


@pytest.mark.parametrize("lost", ["everything", "beat/ops-off-hours-up-before-2099-12-24"])
def test_down_refuses_where_nothing_would_bring_a_service_up(
    ops: Ops, staging: Path, lost: str
) -> None:
    if lost != "everything":
        ops("sync", "--env", "staging", "--yes")
        boto3.client("application-autoscaling").delete_scheduled_action(
            ServiceNamespace="ecs",
            ResourceId=BEAT,
            ScalableDimension="ecs:service:DesiredCount",
            ScheduledActionName=lost.removeprefix("beat/"),
        )
    before = counts()
    refused = ops("schedules", "down", "--env", "staging", "--yes")
    assert refused.code == 1
    assert "Nothing was changed: `beat` would stay down, because `ops-off-hours-up" in refused.err
    assert "Run `ops schedules sync --env staging` first." in refused.err
    assert (counts(), refused.out) == (before, "")


def test_down_refuses_while_the_queue_is_deep(ops: Ops, staging: Path, calls: list[str]) -> None:
    ops("schedules", "sync", "--env", "staging", "--yes")
    client = boto3.client("sqs")
    url = client.get_queue_url(QueueName="jobs")["QueueUrl"]
    for number in range(3):
        client.send_message(QueueUrl=url, MessageBody=str(number))
    client.receive_message(QueueUrl=url)  # being worked on: as little done as the others
    calls.clear()
    refused = ops("schedules", "down", "--env", "staging")
    assert refused.code == 1
    assert "Nothing was changed: `worker` has 3 messages left." in refused.err
    assert "--even-with-messages 3" in refused.err
    assert not {"UpdateService", "RegisterScalableTarget", "PutAlarmMuteRule"} & set(calls)
    assert ops("schedules", "down", "--env", "staging", "--even-with-messages", "3").code == 0
    assert set(counts().values()) == {0}


def test_nothing_declared_is_told(ops: Ops, staging: Path) -> None:
    refused = ops("schedules", "down", "--env", "prod")
    assert (refused.code, "`prod` has no off-hours" in refused.err) == (1, True)
    assert "speak" not in refused.err
    mistyped = ops("schedules", "down", "--env", "prdo")
    assert mistyped.code == 1
    assert mistyped.err == (
        "error: `prdo` has no off-hours. Declare `schedules.off_hours` for it in copilot/ops.yml. "
        "No file names an environment `prdo`; did you mean `prod`?\n"
    )


def test_production_wants_its_name_for_each_command(ops: Ops, staging: Path) -> None:
    path = staging / "copilot/ops.yml"
    path.write_text(f"{DECLARED}        production: true\n        confirm: staging\n")
    refused = ops("schedules", "down", "--env", "staging")
    assert refused.code == 1
    assert "--confirm staging" in refused.err
    assert set(counts().values()) == {2}
    ops("schedules", "sync", "--env", "staging", "--yes")
    assert ops("schedules", "down", "--env", "staging", "--confirm", "staging").code == 0


class Slow:
    """A service that reaches its new counts only after some readings."""

    def __init__(self, looks: int) -> None:
        self.looks = looks
        self.wanted = -1

    def set(self, service: ServicePlace, tasks: TaskRange) -> None:  # noqa: ARG002
        self.wanted = tasks.least

    def count(self, service: ServicePlace) -> Count:  # noqa: ARG002
        self.looks -= 1
        return Count(self.wanted, self.wanted if self.looks < 0 else 7)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seconds: list[float] = []
    monkeypatch.setattr(clock, "sleep", seconds.append)
    return seconds


def test_each_step_is_waited_for_but_not_for_ever(slept: list[float]) -> None:
    stack = ServiceStack("", "shop-staging", "shop-web")
    web = ServicePlace("shop", "staging", "web", stack, Workload(tasks=TaskRange(2, 2)))
    [done] = run(Slow(3), steps_down([web]), 60, lambda _: None)
    assert (done.running, slept) == (0, [5, 5, 5])
    with pytest.raises(OpsError, match="`web` has 7 running tasks after 1 minutes"):
        run(Slow(100), steps_down([web]), 60, lambda _: None)
    assert run(Slow(100), steps_up([web]), 60, lambda _: None)[0].running == 7


def test_the_page_does_what_it_says(staging: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    up = False
    # moto starts no tasks, so `up` would wait for ever.
    monkeypatch.setattr(TaskCounts, "count", lambda *_: Count(2, 2) if up else Count(0, 0))
    for block in blocks_of(HOW_TO / "off-hours.md"):
        if block.path:
            (staging / block.path).write_text(block.text)
        for command, shown in block.commands:
            up = command.startswith("ops schedules up")
            said = run_command(command)
            assert not missing(shown, said), f"$ {command}\n{said}"


def test_down_asks_and_up_does_not(
    ops: Ops, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops("schedules", "sync", "--env", "staging", "--yes")
    monkeypatch.delenv("OPS_YES")
    refused = ops("schedules", "down", "--env", "staging")
    assert refused.code == 1
    assert "Nothing was changed: stdin is not a terminal" in refused.err
    assert set(counts().values()) == {2}
    assert ops("schedules", "down", "--env", "staging", "--yes").code == 0
    assert ops("schedules", "up", "--env", "staging", "--no-wait").code == 0


def test_a_mistake_in_an_alarm_keeps_nothing_up_and_is_told(ops: Ops, staging: Path) -> None:
    ops("sync", "--env", "staging", "--yes")
    break_alarms(staging)
    for command in (("down",), ("override", "--up-until", "22:00")):
        done = ops("schedules", *command, "--env", "staging")
        assert done.code == 0, done
        assert "warning: the alarms of `web` are not muted. The alarm `late`" in done.err
    assert rules().keys() == {"shop-staging-off-hours-nights", "shop-staging-off-hours-2099-12"}


def test_alarms_that_are_not_there_yet_keep_nothing_up(ops: Ops, staging: Path) -> None:
    synced = ops("schedules", "sync", "--env", "staging", "--yes")
    assert synced.code == 1
    assert synced.out.count("✘") == 2
    assert "names alarms that do not exist: shop-staging-web-high-cpu" in synced.out
    assert "Run `ops alarms sync --env staging` first" in synced.out
    assert ops("schedules", "down", "--env", "staging").code == 0
    assert set(counts().values()) == {0}
    assert rules() == {}
    ops("alarms", "sync", "--env", "staging")
    boto3.client("cloudwatch").delete_alarms(AlarmNames=["shop-staging-web-high-cpu"])
    assert ops("schedules", "down", "--env", "staging").code == 0
    [muted] = rules().values()
    assert muted["MuteTargets"]["AlarmNames"] == ["shop-staging-web-unhealthy"]
    assert ops("sync", "--env", "staging").code == 0
    assert ops("plan", "--env", "staging", "--exit-code").code == 0
