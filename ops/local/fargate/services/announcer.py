"""The output of a service: ECS events, EventBridge events, and decisions in the journal."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.local.fargate.services.events import TaskEvents, action_event, deployment_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moto.ecs.models import Service

    from ops.local.plane import ControlPlane

EVENTS = 100
"""How many events of a service ECS tells."""


class Announcer:
    """Writes events and decisions of one service."""

    def __init__(self, service: Service, plane: ControlPlane) -> None:
        self.service = service
        self._plane = plane
        self.tasks = TaskEvents(plane.events.send)

    def say(self, message: str) -> None:
        """Add an event of DescribeServices, newest first as in ECS."""
        event = {
            "id": str(uuid.uuid4()),
            "createdAt": datetime.now(UTC),
            "message": f"(service {self.service.name}) {message}",
        }
        self.service.events = [event, *self.service.events][:EVENTS]

    def deployment(self, deployment: Mapping[str, Any], state: str) -> None:
        """Send the event that a deployment is IN_PROGRESS, COMPLETED or FAILED."""
        name = f"SERVICE_DEPLOYMENT_{state}"
        self._plane.events.send(deployment_event(self.service, deployment, name))

    def action(self, name: str, kind: str = "INFO") -> None:
        """Send an event about an action of the scheduler, or about its failure."""
        self._plane.events.send(action_event(self.service, name, kind))

    def decide(self, kind: str, rule: str, **inputs: object) -> None:
        """Record a decision with the rule that made it."""
        self._plane.decide(kind, self.service.name, rule, **inputs)
