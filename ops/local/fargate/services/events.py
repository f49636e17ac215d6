"""The events that ECS sends to EventBridge.

A state of a task that lasts for less than a tenth of a second may have no event of its own.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.local.plane.events import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from moto.ecs.models import Service

    from ops.local.fargate.tasks.task import Task
    from ops.local.gaps.ecs.tasks import EcsTask

_OF_CONTAINERS = ("container_arn", "task_arn", "name", "image", "image_digest", "last_status",
                  "exit_code", "reason", "runtime_id", "cpu", "memory")  # fmt: skip
_OF_NOBODY = ("tags", "health_status", "containers", "container_instance_arn", "request")


class TaskEvents:
    """Sends an event for each change of a task's state."""

    def __init__(self, send: Callable[[Event], None]) -> None:
        self._send = send
        self._states: dict[str, tuple[str, str]] = {}

    def follow(self, tasks: Iterable[Task]) -> None:
        """Send events for all changes since the last call."""
        for task in tasks:
            record = task.record
            state = (record.last_status, record.desired_status)
            if self._states.get(record.id) == state:
                continue
            self._states[record.id] = state
            self._send(task_event(record))
            if record.last_status == "STOPPED":
                del self._states[record.id]


def task_event(record: EcsTask) -> Event:
    """Return the event of a task's present state."""
    described = {
        name: value
        for name, value in vars(record).items()
        if value is not None and name not in _OF_NOBODY
    }
    containers = [
        {
            _camel(name): value
            for name, value in asdict(container).items()
            if name in _OF_CONTAINERS and value is not None
        }
        for container in record.containers
    ]
    detail = {
        **{_camel(name): _text(value) for name, value in described.items()},
        "containers": containers,
        "updatedAt": datetime.now(UTC).isoformat(),
    }
    return Event("ECS Task State Change", (record.task_arn,), detail)


def deployment_event(service: Service, deployment: Mapping[str, Any], name: str) -> Event:
    """Return the event of a deployment: it is in progress, completed, or failed."""
    detail = {
        "eventType": "ERROR" if name.endswith("FAILED") else "INFO",
        "eventName": name,
        "deploymentId": deployment["id"],
        "updatedAt": datetime.now(UTC).isoformat(),
        "reason": deployment["rolloutStateReason"],
    }
    return Event("ECS Deployment State Change", (service.arn,), detail)


def action_event(service: Service, name: str, kind: str = "INFO") -> Event:
    """Return the event about an action of the scheduler, or about its failure."""
    detail = {
        "eventType": kind,
        "eventName": name,
        "clusterArn": service.cluster_arn,
        "createdAt": datetime.now(UTC).isoformat(),
    }
    return Event("ECS Service Action", (service.arn,), detail)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
