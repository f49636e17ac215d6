"""One service: its tasks run, are listed, are replaced and are stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ops.local.fargate import Fargate, FargateError
from tests.local.fargate.world import World, address_of, alive, get
from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Callable


def test_tasks_are_told_as_ecs_tells_them(world: World, fargate: Callable[[], Fargate]) -> None:
    strategy = [
        {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 3},
    ]
    world.serve(
        world.define_worker("wait"),
        desired=2,
        capacityProviderStrategy=strategy,
        propagateTags="SERVICE",
        tags=[{"key": "copilot-service", "value": "worker"}],
    )
    fargate().wait_until_steady(WAIT)
    service = world.service()
    (deployment,) = service["deployments"]
    tasks = world.tasks()
    assert (service["runningCount"], service["pendingCount"]) == (2, 0)
    assert (deployment["runningCount"], deployment["rolloutState"]) == (2, "COMPLETED")
    assert {t["capacityProviderName"] for t in tasks} == {"FARGATE", "FARGATE_SPOT"}
    for task in tasks:
        assert task["group"] == "service:svc"
        assert task["startedBy"] == deployment["id"]
        assert task["lastStatus"] == task["desiredStatus"] == "RUNNING"
        assert (task["cpu"], task["memory"], task["launchType"]) == ("256", "512", "FARGATE")
        assert task["connectivity"] == "CONNECTED"
        assert task["tags"] == [{"key": "copilot-service", "value": "worker"}]
        assert task["startedAt"] >= task["createdAt"]
        arn, identifier = task["taskArn"].rsplit("/", 1)
        assert arn == f"arn:aws:ecs:eu-central-1:123456789012:task/{world.cluster}"
        assert len(bytes.fromhex(identifier)) == 16
        assert task["containers"][0]["lastStatus"] == "RUNNING"
    assert len({address_of(task) for task in tasks}) == 2
    assert "has reached a steady state" in service["events"][0]["message"]
    cluster = world.ecs.describe_clusters(clusters=[world.cluster])["clusters"][0]
    assert cluster["runningTasksCount"] == 2


def test_a_changed_count_starts_and_stops_tasks(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    world.serve(world.define_worker("wait"), desired=1)
    running = fargate()
    running.wait_until_steady(WAIT)
    (first,) = world.service()["deployments"]
    world.update(desiredCount=3)
    running.wait_until_steady(WAIT)
    assert len(world.tasks()) == 3
    processes = world.workers(3)
    world.update(desiredCount=0)
    until("no task is left", lambda: len(world.stopped()) == 3)
    assert not any(alive(pid) for pid in processes)
    assert all(
        t["stoppedReason"] == f"Scaling activity initiated by (deployment {first['id']})"
        for t in world.stopped()
    )
    assert [d["id"] for d in world.service()["deployments"]] == [first["id"]]


def test_a_deleted_service_loses_its_tasks(world: World, fargate: Callable[[], Fargate]) -> None:
    world.serve(world.define_worker("wait"))
    fargate().wait_until_steady(WAIT)
    processes = world.workers(1)
    world.ecs.delete_service(cluster=world.cluster, service="svc", force=True)
    until("the task stops", world.stopped)
    assert not any(alive(pid) for pid in processes)


def test_a_crash_is_replaced_and_reported(
    world: World, fargate: Callable[[], Fargate], url: str, faults: list[str]
) -> None:
    world.serve_web()
    running = fargate()
    running.wait_until_steady(WAIT)
    (before,) = world.tasks()
    with pytest.raises(OSError, match="502"):
        get(f"{url}/crash")
    (stopped,) = until("the crash is told", world.stopped)
    assert stopped["taskArn"] == before["taskArn"]
    (line,) = until("it is in the window", lambda: faults)
    assert "died, container api exited with 3: about to crash" in line
    assert stopped["stoppedReason"] == "Essential container in task exited"
    assert stopped["stopCode"] == "EssentialContainerExited"
    assert stopped["containers"][0]["exitCode"] == 3
    assert stopped["stoppedAt"] >= stopped["startedAt"]
    running.wait_until_steady(WAIT)
    (after,) = world.tasks()
    assert after["taskArn"] != before["taskArn"]
    assert get(url)["address"] == address_of(after)


def test_a_stop_asked_by_the_api_is_obeyed_and_replaced(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    world.serve(world.define_worker("wait"))
    running = fargate()
    running.wait_until_steady(WAIT)
    (task,) = world.tasks()
    processes = world.workers(1)
    world.ecs.stop_task(cluster=world.cluster, task=task["taskArn"], reason="try it")
    (stopped,) = until("the task stops", world.stopped)
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "try it")
    running.wait_until_steady(WAIT)
    assert not any(alive(pid) for pid in processes)


def test_sigterm_ends_a_polite_task_and_sigkill_a_stubborn_one_and_their_children(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    polite = world.define_worker("polite", stopTimeout=60)
    world.serve(polite, name="polite")
    world.serve(world.define_worker("stubborn", stopTimeout=2), name="stubborn")
    fargate().wait_until_steady(WAIT)
    processes = world.workers(2)
    assert all(alive(pid) for pid in processes)
    for name in ("polite", "stubborn"):
        world.update(name, desiredCount=0)
    (left,) = until("the polite stops", lambda: world.stopped("polite"))
    (killed,) = until("the stubborn stops", lambda: world.stopped("stubborn"))
    assert left["containers"][0]["exitCode"] == 0
    assert killed["containers"][0]["exitCode"] == 137
    assert (killed["stoppedAt"] - killed["stoppingAt"]).total_seconds() >= 2
    assert not any(alive(pid) for pid in processes)


def test_a_container_of_two_that_is_not_essential_may_end(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    worker = world.define_worker("wait")
    definition = world.ecs.describe_task_definition(taskDefinition=worker)["taskDefinition"]
    main = definition["containerDefinitions"][0]
    side = {**main, "name": "side", "command": ["sh", "-c", "exit 4"], "essential": False}
    both = world.ecs.register_task_definition(
        family="both",
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        containerDefinitions=[main, side],  # type: ignore[list-item]
    )["taskDefinition"]["taskDefinitionArn"]
    world.serve(both)
    fargate().wait_until_steady(WAIT)
    (task,) = world.tasks()
    containers = {c["name"]: c for c in task["containers"]}
    assert containers["worker"]["lastStatus"] == "RUNNING"
    assert (containers["side"]["lastStatus"], containers["side"]["exitCode"]) == ("STOPPED", 4)


def test_a_service_that_crashes_is_told_with_its_reason_code_and_last_lines(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    breaker = {"enable": True, "rollback": True}
    world.serve(
        world.define_worker("crash", healthCheck={"command": ["CMD-SHELL", "exit 1"]}),
        deployment={"deploymentCircuitBreaker": breaker},
    )
    with pytest.raises(FargateError) as error:
        fargate().wait_until_steady(WAIT)
    told = str(error.value)
    assert "Service svc has 0 of 1 tasks healthy (its deployment failed)" in told
    assert "Essential container in task exited (container worker exited with 7)" in told
    assert "Traceback: no such table: donations" in told
    (deployment,) = world.service()["deployments"]
    assert (deployment["rolloutState"], deployment["failedTasks"]) == ("FAILED", 3)


def test_a_service_that_is_never_healthy_is_told_with_what_its_check_prints(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    check = {"command": ["CMD-SHELL", "echo cannot reach localhost; exit 1"], "startPeriod": 60}
    world.serve(world.define_worker("wait", healthCheck=check))
    with pytest.raises(FargateError) as error:
        fargate().wait_until_steady(3)
    assert "(waited 3 s)" in str(error.value)
    assert "health check of container worker prints: cannot reach 127.8." in str(error.value)


@pytest.mark.parametrize(
    ("container", "told"),
    [
        (
            {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/none"}}},
            "The specified log group does not exist",
        ),
    ],
)
def test_a_task_that_cannot_start_says_why(
    world: World, fargate: Callable[[], Fargate], container: dict[str, object], told: str
) -> None:
    worker = world.define_worker("wait")
    definition = world.ecs.describe_task_definition(taskDefinition=worker)["taskDefinition"]
    main = {**definition["containerDefinitions"][0], **container}
    world.ecs.register_task_definition(
        family="worker",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        containerDefinitions=[main],  # type: ignore[list-item]
    )
    world.serve("worker")
    fargate()
    stopped = until("the task fails", world.stopped)[0]
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert told in stopped["stoppedReason"]


def test_a_container_that_falls_ill_is_replaced(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    group = world.target_group(UnhealthyThresholdCount=10)
    world.load_balancer(group)
    check = {
        "command": ["CMD-SHELL", "curl -fs http://localhost:8000/health || exit 1"],
        "interval": 5,
        "retries": 1,
    }
    definition = world.define_web(healthCheck=check)
    world.serve(definition, group=group, healthCheckGracePeriodSeconds=5)
    running = fargate()
    running.wait_until_steady(WAIT)
    (task,) = world.tasks()
    assert task["healthStatus"] == task["containers"][0]["healthStatus"] == "HEALTHY"
    get(f"{url}/ill")
    (stopped,) = until("the ill task stops", world.stopped)
    assert stopped["taskArn"] == task["taskArn"]
    assert stopped["stoppedReason"].startswith("Task failed")
    running.wait_until_steady(WAIT)
