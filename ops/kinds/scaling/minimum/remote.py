"""Scheduled actions that raise a minimum, in Application Auto Scaling."""

from collections.abc import Collection, Mapping, Sequence

from ops.aws.autoscaling.remote import AutoScaling, action_request
from ops.aws.autoscaling.values import ScheduledAction
from ops.aws.constraints import Request
from ops.copilot.place import ServicePlace
from ops.kinds.plan_names import own_name, service_of
from ops.kinds.scaling.minimum.desired import is_minimum, raised_by
from ops.plan.model import Json, Live


class Minimums:
    """The minimums on the scalable targets of some services."""

    def __init__(self, scaling: AutoScaling, places: Sequence[ServicePlace]) -> None:
        self._scaling = scaling
        self._targets = {
            place.service: place.stack.target_id
            for place in places
            if place.stack.scalable_target is not None
        }
        self._actions: dict[str, ScheduledAction] = {}  # by name in plans
        self._described: set[str] = set()  # services

    def read(self, names: Collection[str]) -> list[Live]:
        """Read the actions of the services in the names."""
        services = {service_of(name) for name in names}
        self._describe([service for service in self._targets if service in services])
        return [_live(name, self._actions[name]) for name in names if name in self._actions]

    def inventory(self) -> Collection[str]:
        """Return the minimums of all services that scale."""
        self._describe(list(self._targets))
        return self._actions.keys()

    def _describe(self, services: Sequence[str]) -> None:
        unread = [service for service in services if service not in self._described]
        self._described.update(unread)
        by_id = {self._targets[service]: service for service in unread}
        actions = {
            f"{by_id[action.resource_id]}/{action.name}": action
            for action in self._scaling.actions(by_id)
        }
        self._actions |= {name: action for name, action in actions.items() if is_minimum(name)}

    def request(self, name: str, properties: Mapping[str, Json]) -> Request:
        """Return the request that creates or updates a minimum."""
        return action_request(self._target_of(name), own_name(name), properties)

    def put(self, name: str, properties: Mapping[str, Json]) -> None:
        """Create or update a minimum."""
        self._scaling.put_action(self.request(name, properties))

    def delete(self, name: str) -> None:
        """Restore the minimum that the action would have restored, if it is raised; then delete it.

        In this order, an interrupted run leaves an action that still restores it.
        """
        if (raised := self._actions.get(raised_by(name) or "")) is not None:
            self._restore(name, raised.least, self._actions[name].least)
        self._scaling.delete_action(self._target_of(name), own_name(name))

    def _restore(self, name: str, raised: int | None, least: int | None) -> None:
        target_id = self._target_of(name)
        for target in self._scaling.targets([target_id]).values():
            if target.least == raised and least is not None:
                self._scaling.register(target_id, least=least)

    def _target_of(self, name: str) -> str:
        return self._targets[service_of(name) or ""]


def _live(name: str, action: ScheduledAction) -> Live:
    state: dict[str, Json] = {
        "target": f"{action.least} tasks or more",
        "scales": action.resource_id,
        "alarms": 0,
        "state": f"{action.schedule} {action.timezone}",
    }
    return Live(name, action.properties, state)
