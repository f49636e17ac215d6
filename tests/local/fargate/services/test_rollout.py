"""Deployments: rolling, recreating, failing."""

from __future__ import annotations

import threading
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import boto3

from tests.local.fargate.world import REGION, World, get, status
from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.fargate import Fargate
    from ops.local.plane import ControlPlane


def test_a_roll_keeps_serving(world: World, fargate: Callable[[], Fargate], url: str) -> None:
    """Check that every request during the rollout is answered, including those in flight on old
    tasks.
    """
    world.serve_web(world.define_web("1"), desired=2)
    running = fargate()
    running.wait_until_steady(WAIT)
    (first,) = world.service()["deployments"]
    statuses: list[int] = []
    rolled = threading.Event()

    def ask(path: str) -> None:
        while not rolled.is_set():
            statuses.append(status(f"{url}{path}"))

    askers = [threading.Thread(target=ask, args=(path,)) for path in ("/", "/slow")]
    for asker in askers:
        asker.start()
    world.update(taskDefinition=world.define_web("2"))
    second, old = world.service()["deployments"]
    assert (second["status"], second["rolloutState"]) == ("PRIMARY", "IN_PROGRESS")
    assert (old["status"], old["id"]) == ("ACTIVE", first["id"])
    running.wait_until_steady(WAIT)
    rolled.set()
    for asker in askers:
        asker.join()
    assert set(statuses) == {200}
    assert {get(url)["version"] for _ in range(4)} == {"2"}
    (only,) = world.service()["deployments"]
    assert (only["id"], only["rolloutState"]) == (second["id"], "COMPLETED")
    assert len(world.stopped()) == 2


def test_recreate_never_runs_two(world: World, fargate: Callable[[], Fargate]) -> None:
    """`rolling: recreate`, for a scheduler that must be alone: the old process ends first."""
    recreate = {"minimumHealthyPercent": 0, "maximumPercent": 100}
    world.serve(
        world.define_worker("polite"),
        deployment=recreate,
    )
    running = fargate()
    running.wait_until_steady(WAIT)
    for _ in range(2):
        world.update(forceNewDeployment=True)
        running.wait_until_steady(WAIT)
    lives = sorted(
        (task["createdAt"], task.get("stoppedAt")) for task in [*world.stopped(), *world.tasks()]
    )
    assert len(lives) == 3
    for (_, stopped), (created, _) in pairwise(lives):
        assert stopped is not None
        assert stopped <= created


def test_a_failing_roll_is_rolled_back(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    good = world.define_web("1")
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    world.serve_web(good, deployment=breaker)
    running = fargate()
    running.wait_until_steady(WAIT)
    bad = world.define("sh", "-c", "exit 9", portMappings=[{"containerPort": 8000}])
    world.update(taskDefinition=bad)
    until("it is rolled back", lambda: _messages(world, "rolling back to deployment"))
    world.update(taskDefinition=good)  # as CloudFormation does, which then waits for it
    running.wait_until_steady(WAIT)
    running_again = until(
        "the rollback completes",
        lambda: [d for d in world.service()["deployments"] if d["rolloutState"] == "COMPLETED"],
    )
    assert running_again[0]["taskDefinition"] == good == world.service()["taskDefinition"]
    assert _messages(world, "deployment failed: tasks failed to start")
    assert get(url)["version"] == "1"
    codes = {t["containers"][0]["exitCode"] for t in world.stopped()}
    assert 9 in codes


def _messages(world: World, part: str) -> list[str]:
    return [e["message"] for e in world.service()["events"] if part in e["message"]]


def _alarm(world: World, state: Literal["OK", "ALARM"]) -> None:
    """Put the alarm that the deployments below watch, with a window of a minute, into a state."""
    cloudwatch = boto3.Session("embedded", "embedded", region_name=REGION).client(
        "cloudwatch", endpoint_url=world.endpoint
    )
    cloudwatch.put_metric_alarm(
        AlarmName="slow",
        Namespace="Shop",
        MetricName="Seconds",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName="slow", StateValue=state, StateReason="a test")


ALARMS = {"alarms": {"alarmNames": ["slow"], "enable": True, "rollback": True}}


def test_an_alarm_rolls_a_deployment_back(
    world: World, fargate: Callable[[], Fargate], url: str, plane: ControlPlane
) -> None:
    plane.change_speed(1)
    good = world.define_web("1")
    world.serve_web(good, deployment=ALARMS)  # no such alarm yet: it watches none
    running = fargate()
    running.wait_until_steady(WAIT)
    _alarm(world, "OK")
    world.update(taskDefinition=world.define_web("2"))
    until("the new task serves", lambda: get(url)["version"] == "2")
    assert world.service()["deployments"][0]["rolloutState"] == "IN_PROGRESS"  # it bakes
    _alarm(world, "ALARM")
    until("it is rolled back", lambda: _messages(world, "deployment failed: alarm detected"))
    until("the old version serves", lambda: get(url)["version"] == "1")
    assert world.service()["taskDefinition"] == good
    rules = [each["rule"] for each in plane.journal.entries() if each["kind"] == "deployment"]
    assert "an alarm that it watches is in ALARM" in rules


def test_an_alarm_that_is_in_alarm_at_the_start_is_not_watched(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    world.serve_web(world.define_web("1"), deployment=ALARMS)
    running = fargate()
    running.wait_until_steady(WAIT)
    _alarm(world, "ALARM")
    world.update(taskDefinition=world.define_web("2"))
    running.wait_until_steady(WAIT)
    assert world.service()["deployments"][0]["rolloutState"] == "COMPLETED"


def test_a_deployment_completes_after_its_bake(
    world: World, fargate: Callable[[], Fargate], plane: ControlPlane
) -> None:
    world.serve_web(world.define_web("1"), deployment=ALARMS)
    running = fargate()
    running.wait_until_steady(WAIT)
    _alarm(world, "OK")
    world.update(taskDefinition=world.define_web("2"))
    running.wait_until_steady(WAIT)  # a second of real time for a minute
    times = {
        each["rule"]: each["time"]
        for each in plane.journal.entries()
        if each.get("deployment") == world.service()["deployments"][0]["id"]
    }
    began, ended = (datetime.fromisoformat(time) for time in times.values())
    assert (ended - began).total_seconds() >= 60
