"""The page over a state that a test can change, without an embedded AWS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from ops.base.errors import OpsError
from ops.local.page.server import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TASK = {
    "id": "0123456789abcdef0123456789abcdef",
    "cluster": "shop-test",
    "status": "RUNNING",
    "health": "HEALTHY",
    "is_spot": True,
    "is_stopping": False,
    "started": "2026-03-02T10:00:00+00:00",
    "reason": "",
}
ALARM = {"name": "jobs-old", "state": "OK", "reason": "", "since": "2026-03-02T10:00:00+00:00"}


@dataclass
class Points:
    """A history with the given points."""

    points: list[dict[str, Any]] = field(default_factory=list)

    def sample(self) -> None:
        """Do not sample."""

    def since(self, time: float) -> list[dict[str, Any]]:
        return [point for point in self.points if point["time"] > time]


@dataclass
class World:
    """The data that the page shows, and the operations that it requested."""

    history: Points = field(default_factory=Points)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    error: Exception | None = None
    """Raised by the next readings."""
    state: dict[str, Any] = field(
        default_factory=lambda: {
            "now": "2026-03-02T10:00:00+00:00",
            "speed": 30.0,
            "services": [
                {
                    "name": "worker",
                    "ecs_name": "shop-test-worker",
                    "desired": 1,
                    "running": 1,
                    "tasks": [dict(TASK)],
                    "deployments": [],
                    "events": ["(service worker) has reached a steady state."],
                }
            ],
            "alarms": [dict(ALARM)],
            "activities": [],
            "mails": [],
        }
    )

    def read(self) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        return self.state

    def operation(self, name: str) -> Callable[..., dict[str, int]]:
        def operate(**arguments: object) -> dict[str, int]:
            if name == "pause":
                raise OpsError("No companion `redis` runs")
            self.asked.append((name, arguments))
            return {"201": 3}

        return operate


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def page(world: World) -> Iterator[Page]:
    setting = {
        "application": "shop",
        "environment": "test",
        "load": {"name": "orders", "number": 3},
        "companions": ["redis"],
        "targets": [{"service": "worker", "value": 10, "per_task": True}],
    }
    operations = {name: world.operation(name) for name in ("load", "pause", "stop_task")}
    served = Page(
        setting,
        world.history,  # type: ignore[arg-type]
        world.read,
        lambda: world.decisions,
        operations,
    )
    served.start(0)
    yield served
    served.stop()
