"""The scheduled actions that stop and start services."""

from collections.abc import Collection, Mapping, Sequence

from ops.aws.autoscaling.remote import AutoScaling, action_request
from ops.aws.autoscaling.values import ScheduledAction
from ops.aws.constraints import Request
from ops.copilot.place import EnvironmentPlace, ServicePlace
from ops.kinds.plan_names import own_name, service_of
from ops.kinds.schedules.manual.remote import TaskCounts
from ops.kinds.schedules.manual.steps import state_of
from ops.kinds.schedules.names import ONCE, PREFIX, is_surplus
from ops.kinds.schedules.resources.starts import Starts
from ops.plan.model import Create, Delete, Json, Live, Resource, Update
from ops.plan.remote import Trace

# The last of the actions that start a service, and the one without an end.
_UP = f"{PREFIX}up"


class Actions:
    """The scheduled actions of one environment."""

    def __init__(
        self, scaling: AutoScaling, task_counts: TaskCounts, place: EnvironmentPlace
    ) -> None:
        self._scaling = scaling
        self._task_counts = task_counts
        self._place = place
        self._services = {service.service: service for service in place.services}
        self._read: dict[str, list[ScheduledAction]] = {}  # by service
        self._starts = Starts(place)

    def read(self, names: Collection[str]) -> list[Live]:
        """Read the actions of the services in the names, each service once."""
        services = sorted({service_of(name) or "" for name in names})
        return [
            self._live(name, action) for name, action in self._of(services).items() if name in names
        ]

    def inventory(self) -> list[str]:
        """Return the actions that `ops` created for all services, without future overrides."""
        return [
            name
            for name, action in self._of(sorted(self._services)).items()
            if is_surplus(name, action.schedule, action.timezone, self._place.now)
        ]

    def owned(self, names: Collection[str]) -> list[str]:
        """Return the actions whose names have our prefix: actions have no tags."""
        return [name for name in names if own_name(name).startswith(PREFIX)]

    def _of(self, services: Sequence[str]) -> dict[str, ScheduledAction]:
        unread = {
            self._services[service].stack.target_id: service
            for service in services
            if service not in self._read
        }
        self._read |= {service: [] for service in unread.values()}
        for action in self._scaling.actions(unread):
            self._read[unread[action.resource_id]].append(action)
        return {
            f"{service}/{action.name}": action
            for service in services
            for action in self._read[service]
        }

    def _live(self, name: str, action: ScheduledAction) -> Live:
        start = self._starts.declared(name, action.starts)
        properties = {**action.properties, "StartTime": start}
        return Live(name, properties, state_of(action.schedule, action.least, action.most), stage=1)

    def requests(self, resource: Resource) -> list[Request]:
        """Return the request that puts an action."""
        return [self._request(resource.name, Create(resource).result)]

    def _request(self, name: str, properties: Mapping[str, Json]) -> Request:
        return action_request(self._service(name).stack.target_id, own_name(name), properties)

    def create(self, change: Create) -> None:
        """Put an action."""
        self._scaling.put_action(self._request(change.name, change.result))

    def update(self, change: Update) -> None:
        """Put an action again, and keep the postponed start of an override."""
        kept = self._starts.kept(change.name, "StartTime")
        self._scaling.put_action(self._request(change.name, {**change.result, **kept}))

    def delete(self, change: Delete) -> None:
        """Delete an action. A service that no other action would start is started first."""
        service = self._service(change.name)
        if own_name(change.name) == _UP:
            self._bring_back(service)
        self._scaling.delete_action(service.stack.target_id, own_name(change.name))

    def _bring_back(self, service: ServicePlace) -> None:
        """Start the service, and end an override, which would stop it permanently."""
        target_id = service.stack.target_id
        for action in self._scaling.actions([target_id]):
            if action.name.startswith(PREFIX + ONCE):
                self._scaling.delete_action(target_id, action.name)
        if service.workload.tasks is not None:
            self._task_counts.set(service, service.workload.tasks)

    def starts(self, service: ServicePlace) -> bool:
        """Return whether an action still starts a service: one call."""
        actions = self._scaling.actions([service.stack.target_id])
        return any(action.name == _UP for action in actions)

    def traces(self, name: str) -> list[Trace]:
        """Name an action by its name and target."""
        target_id = self._service(name).stack.target_id
        return [{"resourceId": target_id, "scheduledActionName": own_name(name)}]

    def _service(self, name: str) -> ServicePlace:
        return self._services[service_of(name) or ""]
