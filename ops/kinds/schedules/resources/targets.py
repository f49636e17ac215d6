"""The scalable targets of services without one of Copilot's."""

from collections.abc import Collection

from ops.aws.autoscaling.remote import AutoScaling
from ops.aws.autoscaling.values import DIMENSION
from ops.aws.client import side_by_side
from ops.aws.constraints import Request
from ops.copilot.place import EnvironmentPlace, ServicePlace
from ops.kinds.plan_names import service_of
from ops.kinds.schedules.desired import tasks_of
from ops.kinds.schedules.manual.steps import state_of
from ops.kinds.schedules.names import target_name
from ops.plan.model import Create, Delete, Live, Resource, Update
from ops.plan.remote import Trace


class Targets:
    """The scalable targets of one environment."""

    def __init__(self, scaling: AutoScaling, place: EnvironmentPlace) -> None:
        self._scaling = scaling
        self._place = place
        self._services = {service.service: service for service in place.services}
        self._arns: dict[str, str] = {}

    def read(self, names: Collection[str]) -> list[Live]:
        """Read targets: one call for each 50."""
        by_id = {self.service(name).stack.target_id: name for name in sorted(names)}
        targets = self._scaling.targets(by_id)
        self._arns |= {by_id[target_id]: target.arn for target_id, target in targets.items()}
        properties = {"ScalableDimension": DIMENSION}
        return [
            Live(by_id[target_id], properties, state_of("now", target.least, target.most))
            for target_id, target in targets.items()
        ]

    def inventory(self) -> list[str]:
        """Return the targets of services that Copilot does not scale."""
        unscaled = [
            service for service in self._services.values() if not service.stack.scalable_target
        ]
        return [
            live.name for live in self.read([target_name(service.service) for service in unscaled])
        ]

    def owned(self, names: Collection[str]) -> list[str]:
        """Return the targets with our tags: one call for each."""
        tags = side_by_side(lambda name: self._scaling.tags(self._arns[name]), names)
        ours = self._place.tags.items()
        return [
            name
            for name, tags_of_target in zip(names, tags, strict=True)
            if ours <= tags_of_target.items()
        ]

    def requests(self, resource: Resource) -> list[Request]:  # noqa: ARG002  # of all resources
        """Return no request: no file influences what is sent."""
        return []

    def create(self, change: Create) -> None:
        """Register a target with the manifest's maximum, and no minimum: a task started at night
        would be wrong.
        """
        service = self.service(change.name)
        most, tags = tasks_of(service).most, change.wanted.tags
        self._scaling.register(service.stack.target_id, least=0, most=most, tags=tags)

    def update(self, change: Update) -> None:
        """Raise TypeError, because a target has no field that can differ."""
        raise TypeError(f"{change.name} has only one scalable dimension")

    def delete(self, change: Delete) -> None:
        """Deregister a target, and so its actions."""
        self._scaling.deregister(self.service(change.name).stack.target_id)

    def traces(self, name: str) -> list[Trace]:
        """Return the parameters that name a target, in calls that name no action."""
        target_id = self.service(name).stack.target_id
        return [{"resourceId": target_id, "scheduledActionName": None}]

    def service(self, name: str) -> ServicePlace:
        """Return the service of a target."""
        return self._services[service_of(name) or ""]
