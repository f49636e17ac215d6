"""The curves of the page: tasks of each service and messages of each queue, over time."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ecs.models import ecs_backends
from moto.sqs.models import sqs_backends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

INTERVAL = 2.0
"""Real seconds between two points."""
KEPT = 1800
"""Points, an hour of them."""
_TAG = "copilot-service"


@dataclass(frozen=True)
class Point:
    """The counts of one moment."""

    time: float
    """Seconds since 1970, by the control plane's clock."""
    desired: Mapping[str, int]
    """Tasks by service."""
    running: Mapping[str, int]
    messages: Mapping[str, int]
    """Visible messages by queue."""


class History:
    """The points of the last hour. Thread-safe.

    :param now: returns the time of the control plane
    """

    def __init__(self, region: str, now: Callable[[], float]) -> None:
        self._services = ecs_backends[DEFAULT_ACCOUNT_ID][region].services
        self._queues = sqs_backends[DEFAULT_ACCOUNT_ID][region].queues
        self._now = now
        self._lock = threading.Lock()
        self._points: deque[Point] = deque(maxlen=KEPT)

    def sample(self) -> None:
        """Add a point. It reads moto's models: a call of the API takes 100 times as long."""
        services = {
            name_of(service.name, service.tags): service
            for service in list(self._services.values())
            if service.status == "ACTIVE"
        }
        point = Point(
            self._now(),
            {name: int(service.desired_count or 0) for name, service in services.items()},
            {name: int(service.running_count or 0) for name, service in services.items()},
            {
                name: int(queue.approximate_number_of_messages)
                for name, queue in list(self._queues.items())
            },
        )
        with self._lock:
            self._points.append(point)

    def since(self, time: float) -> list[dict[str, Any]]:
        """Return the points after a time of the control plane, the oldest first."""
        with self._lock:
            return [asdict(point) for point in self._points if point.time > time]


def name_of(name: str, tags: Iterable[Mapping[str, str]] | None) -> str:
    """Return Copilot's name of an ECS service, by the tag that Copilot gives it."""
    return next((tag["value"] for tag in tags or () if tag["key"] == _TAG), name)
