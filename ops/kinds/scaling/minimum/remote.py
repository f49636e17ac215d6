"""Scheduled actions that raise a minimum, in Application Auto Scaling."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.aws.client import unless_gone
from ops.copilot.place import ServicePlace
from ops.kinds.scaling.minimum.desired import is_minimum, raised_by
from ops.kinds.scaling.targets import of_targets
from ops.kinds.schedules.names import DIMENSION, own_name, resource_id, service_of
from ops.plan.model import Json, Live


class Minimums:
    """Reads and writes them on the scalable targets of some services, by the kind's client."""

    def __init__(self, client: Any, places: Sequence[ServicePlace]) -> None:  # noqa: ANN401
        self._client = client
        self._places = {
            place.service: place for place in places if place.stack.scalable_target is not None
        }
        self._found: dict[str, Live] = {}
        self._described: set[str] = set()  # services

    def read(self, names: Collection[str]) -> list[Live]:
        """The calls of `of_targets` for the services among the names."""
        asked = {service_of(name) for name in names}
        self._describe([service for service in self._places if service in asked])
        return [self._found[name] for name in names if name in self._found]

    def inventory(self) -> Collection[str]:
        """The calls of `of_targets` for all services that scale."""
        self._describe(list(self._places))
        return self._found.keys()

    def _describe(self, services: Sequence[str]) -> None:
        unread = [service for service in services if service not in self._described]
        self._described.update(unread)
        by_id = {resource_id(self._places[service]): service for service in unread}
        pages = self._client.get_paginator("describe_scheduled_actions")
        for action in of_targets(pages, "ScheduledActions", by_id):
            found = _live(by_id[action["ResourceId"]], action)
            if is_minimum(found.name):
                self._found[found.name] = found

    def put(self, name: str, properties: Mapping[str, Json]) -> None:
        """Make it, or make it so."""
        self._client.put_scheduled_action(
            **self._key(name), ScheduledActionName=own_name(name), **properties
        )

    def delete(self, name: str) -> None:
        """Put back the minimum that it would have put back, if that is in force; then remove it.

        In this order, so that a run that breaks off leaves an action that still puts it back.
        """
        if (raised := self._found.get(raised_by(name) or "")) is not None:
            self._put_back(name, _least(raised), _least(self._found[name]))
        with unless_gone():
            self._client.delete_scheduled_action(
                **self._key(name), ScheduledActionName=own_name(name)
            )

    def _put_back(self, name: str, raised: Json, least: Json) -> None:
        answer = self._client.describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[self._key(name)["ResourceId"]]
        )
        for target in answer["ScalableTargets"]:
            if target["MinCapacity"] == raised:
                self._client.register_scalable_target(**self._key(name), MinCapacity=least)

    def _key(self, name: str) -> dict[str, str]:
        return {
            "ServiceNamespace": "ecs",
            "ResourceId": resource_id(self._places[service_of(name) or ""]),
            "ScalableDimension": DIMENSION,
        }


def _live(service: str, action: Mapping[str, Any]) -> Live:
    capacity = action.get("ScalableTargetAction", {})
    properties: dict[str, Json] = {
        "Schedule": action["Schedule"],
        "Timezone": action.get("Timezone"),
        "ScalableTargetAction": dict(capacity),
        "StartTime": str(action["StartTime"]) if action.get("StartTime") else None,
        "EndTime": str(action["EndTime"]) if action.get("EndTime") else None,
    }
    state: dict[str, Json] = {
        "target": f"{capacity.get('MinCapacity')} tasks or more",
        "scales": action["ResourceId"],
        "alarms": 0,
        "state": f"{action['Schedule']} {action.get('Timezone', 'UTC')}",
    }
    return Live(f"{service}/{action['ScheduledActionName']}", properties, state)


def _least(action: Live) -> Json:
    match action.properties["ScalableTargetAction"]:
        case {"MinCapacity": least}:
            return least
        case _:
            return None
