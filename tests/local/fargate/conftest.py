"""moto in this process, with a Fargate."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from ops.local.fargate import Fargate
from ops.local.fargate.tasks.choice import Programs
from ops.local.gaps import elbv2_target_health, secrets_by_arn
from ops.local.gaps.ecs import services as ecs_services
from ops.local.gaps.ecs import tasks as ecs_tasks
from ops.local.metrics.clock import Clock
from ops.local.plane import ControlPlane
from tests.local.fargate.world import REGION, Apis, World
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def apis() -> Iterator[Apis]:
    """Start moto with its gaps closed."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    for gap in (ecs_tasks, ecs_services, elbv2_target_health, secrets_by_arn):
        gap.close()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Apis(f"http://{host}:{port}")
    server.stop()


@pytest.fixture
def world(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Yield an empty cluster."""
    # Other tests of this process turn them on, and a reset makes thousands anew.
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "false")
    moto_api_backend.reset()
    yield World(apis)
    moto_api_backend.reset()


@pytest.fixture
def port() -> int:
    """Return a free port of loopback."""
    return free_port()


@pytest.fixture
def faults() -> list[str]:
    """Collect what Fargate reports; the test fails if it reports a fault of its own."""
    return []


@pytest.fixture
def plane(world: World, faults: list[str]) -> ControlPlane:
    """Return the clock and events that Fargate shares with the control loop, at 60 times
    the speed.
    """
    return ControlPlane(REGION, faults.append, clock=Clock(60))


@pytest.fixture
def fargate(
    world: World, tmp_path: Path, port: int, faults: list[str], plane: ControlPlane
) -> Iterator[Callable[[], Fargate]]:
    """Start Fargate on the test's world; stop it after the test, and check that it had
    no faults.
    """
    running: list[Fargate] = []

    def start() -> Fargate:
        made = Fargate(
            world.endpoint,
            plane,
            tmp_path / "tasks",
            Programs(lambda image: {"LOCAL_ONLY": "yes", "CODE_OF": image}),
            ("127.0.0.1", port),
            settle=0.3,
        )
        made.start()
        running.append(made)
        return made

    yield start
    for made in running:
        made.stop(grace=2.0)
    assert [each for each in faults if each.startswith("Fargate")] == []
    assert not list((tmp_path / "tasks").glob("*"))


@pytest.fixture
def url(port: int) -> str:
    """Return the URL of the load balancer."""
    return f"http://127.0.0.1:{port}"
