"""Deployments: rolling, recreating, failing."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.local.fargate.world import World, get, status
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.fargate import Fargate


def test_a_roll_keeps_serving(world: World, fargate: Callable[[], Fargate], url: str) -> None:
    """Check that every request during the rollout is answered, including those in flight on old
    tasks.
    """
    world.serve_web(world.define_web("1"), desired=2)
    running = fargate()
    running.wait_until_steady(20)
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
    running.wait_until_steady(20)
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
    running.wait_until_steady(20)
    for _ in range(2):
        world.update(forceNewDeployment=True)
        running.wait_until_steady(20)
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
    running.wait_until_steady(20)
    bad = world.define("sh", "-c", "exit 9", portMappings=[{"containerPort": 8000}])
    world.update(taskDefinition=bad)
    until("it is rolled back", lambda: _messages(world, "rolling back to deployment"))
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
