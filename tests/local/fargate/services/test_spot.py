"""Spot interruptions as on Fargate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from tests.local.fargate.world import REGION, World, alive, get
from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.fargate import Fargate
    from ops.local.plane import ControlPlane

MIXED = [
    {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
    {"capacityProvider": "FARGATE_SPOT", "weight": 3},
]
SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]


@pytest.fixture
def events(world: World) -> Callable[[], list[dict[str, Any]]]:
    """Return the events of ECS so far, from a queue that a rule targets."""
    session = boto3.Session("embedded", "embedded", region_name=REGION)
    sqs = session.client("sqs", endpoint_url=world.endpoint)
    bridge: Any = session.client("events", endpoint_url=world.endpoint)
    sqs.create_queue(QueueName="events")
    arn = f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:events"
    bridge.put_rule(Name="ecs", EventPattern=json.dumps({"source": ["aws.ecs"]}))
    bridge.put_targets(Rule="ecs", Targets=[{"Id": "queue", "Arn": arn}])
    queue = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues["events"]
    return lambda: [json.loads(message.body) for message in list(queue._messages)]


def test_an_interrupted_task_ends_with_its_event_and_is_replaced(
    world: World,
    fargate: Callable[[], Fargate],
    events: Callable[[], list[dict[str, Any]]],
    plane: ControlPlane,
    faults: list[str],
) -> None:
    stubborn = world.define_worker("stubborn", stopTimeout=2)
    world.serve(stubborn, desired=2, capacityProviderStrategy=MIXED)
    running = fargate()
    running.wait_until_steady(WAIT)
    spot = next(t for t in world.tasks() if t["capacityProviderName"] == "FARGATE_SPOT")
    processes = world.workers(2)
    assert running.interrupt("svc") == [spot["taskArn"].rsplit("/", 1)[-1]]
    (stopped,) = until("the task stops", world.stopped)
    assert stopped["taskArn"] == spot["taskArn"]
    assert stopped["stopCode"] == "SpotInterruption"
    assert stopped["stoppedReason"] == "Your Spot Task was interrupted."
    assert stopped["containers"][0]["exitCode"] == 137  # SIGKILL after stopTimeout
    running.wait_until_steady(WAIT)
    assert sum(not alive(pid) for pid in processes) == 2  # the worker and its child
    providers = sorted(task["capacityProviderName"] for task in world.tasks())
    assert providers == ["FARGATE", "FARGATE_SPOT"]
    (deployment,) = world.service()["deployments"]
    assert deployment["failedTasks"] == 0
    assert faults == []  # an interruption is no failure

    def of_task(status: str) -> list[dict[str, Any]]:
        found = [each["detail"] for each in events() if each["resources"] == [spot["taskArn"]]]
        return [detail for detail in found if detail["lastStatus"] == status]

    (last,) = until("the event comes", lambda: of_task("STOPPED"))
    assert (last["stopCode"], last["group"]) == ("SpotInterruption", "service:svc")
    names = [each["detail"].get("eventName") for each in events()]
    assert "SERVICE_DEPLOYMENT_COMPLETED" in names
    entry = next(each for each in plane.journal.entries() if each["kind"] == "spot")
    assert entry["interrupted"] == [spot["taskArn"].rsplit("/", 1)[-1]]


def test_so_many_tasks_are_interrupted_and_no_others(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    world.serve(world.define_worker("polite"), desired=3, capacityProviderStrategy=SPOT)
    world.serve(world.define_worker("polite"), name="ondemand")
    running = fargate()
    running.wait_until_steady(WAIT)
    assert len(running.interrupt("svc", 2)) == 2
    assert running.interrupt("ondemand") == []
    until("two stop", lambda: len(world.stopped()) == 2)


def test_a_task_leaves_the_load_balancer_before_it_ends(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    world.serve_web(desired=2, capacityProviderStrategy=MIXED)
    running = fargate()
    running.wait_until_steady(WAIT)
    running.interrupt("svc")
    while not world.stopped():
        assert get(url)["version"] == "1"


def test_without_capacity_the_replacement_waits(
    world: World, fargate: Callable[[], Fargate], plane: ControlPlane
) -> None:
    world.serve(world.define_worker("polite"), desired=1, capacityProviderStrategy=SPOT)
    running = fargate()
    running.wait_until_steady(WAIT)
    running.interrupt("svc", without_capacity=120)  # two seconds of real time
    until("the task stops", world.stopped)
    until("it says why", lambda: "Capacity is unavailable" in str(world.service()["events"]))
    assert world.tasks() == []
    running.wait_until_steady(WAIT)
    assert len(world.tasks()) == 1
