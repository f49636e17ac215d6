"""Containers of a task that wait for one another (`dependsOn`)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from ops.local.fargate import Fargate, FargateError
from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local.fargate.world import World

IDLE = "import signal; print('app began', flush=True); signal.pause()"


def _define(world: World, first: str, condition: str, **of_first: Any) -> str:  # noqa: ANN401
    """Define a task whose container `app` waits for `first`, which runs the given program."""
    options = {"awslogs-group": world.logs_group, "awslogs-stream-prefix": "copilot"}
    shared = {"image": "embedded", "logConfiguration": {"logDriver": "awslogs", "options": options}}
    waits = [{"containerName": "first", "condition": condition}]
    containers = [
        {**shared, "name": "app", "command": [sys.executable, "-c", IDLE], "dependsOn": waits},
        {**shared, "name": "first", "command": [sys.executable, "-c", first], "essential": False}
        | of_first,
    ]
    return world.ecs.register_task_definition(
        family="pair",
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=containers,  # type: ignore[arg-type]
    )["taskDefinition"]["taskDefinitionArn"]


def _told(world: World, container: str) -> list[str]:
    streams = world.lines().items()
    return [line for name, lines in streams if f"/{container}/" in name for line in lines]


@pytest.mark.parametrize("condition", ["SUCCESS", "COMPLETE"])
def test_a_container_waits_for_the_end_of_another(
    world: World, fargate: Callable[[], Fargate], condition: str
) -> None:
    go = "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)"
    world.serve(_define(world, f"print('first began', flush=True)\n{go}", condition), desired=1)
    running = fargate()
    until("the first begins", lambda: _told(world, "first") == ["first began"])
    assert _told(world, "app") == []
    (directory,) = running.directory.iterdir()
    (directory / "go").touch()
    running.wait_until_steady(WAIT)
    until("the other begins", lambda: _told(world, "app") == ["app began"])
    (task,) = world.tasks()
    ended = {c["name"]: c.get("exitCode") for c in task["containers"]}
    assert ended == {"app": None, "first": 0}


def test_a_failed_dependency_stops_the_task(world: World, fargate: Callable[[], Fargate]) -> None:
    world.serve(_define(world, "raise SystemExit(4)", "SUCCESS"), desired=1)
    running = fargate()
    with pytest.raises(FargateError, match="first exited with 4"):
        running.wait_until_steady(3)
    assert _told(world, "app") == []


def test_a_container_waits_for_the_health_of_another(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    check = {"command": ["CMD-SHELL", "test -e well"], "interval": 5, "timeout": 2, "retries": 3}
    definition = _define(world, "import signal; signal.pause()", "HEALTHY", healthCheck=check)
    world.serve(definition, desired=1)
    running = fargate()
    (directory,) = until("the task has begun", lambda: list(running.directory.glob("*")))
    assert _told(world, "app") == []
    (directory / "well").touch()
    running.wait_until_steady(WAIT)
    until("the other begins", lambda: _told(world, "app") == ["app began"])


def test_a_task_that_still_waits_can_be_stopped(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    world.serve(_define(world, "import signal; signal.pause()", "COMPLETE"), desired=1)
    running = fargate()
    until("the task has begun", lambda: next(running.directory.glob("*"), None))
    world.update(desiredCount=0)
    until("the task stops", lambda: len(world.stopped()) == 1)
    assert _told(world, "app") == []
