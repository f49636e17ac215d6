"""Off-hours in AWS: scalable targets, scheduled actions and alarm mute rules."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from ops.aws.autoscaling.remote import AutoScaling, scaling_access
from ops.aws.client import Aws
from ops.aws.constraints import Request
from ops.base.errors import OpsError
from ops.copilot.place import EnvironmentPlace
from ops.kinds.schedules.manual import remote as manual
from ops.kinds.schedules.names import Type, type_of
from ops.kinds.schedules.resources import cloudwatch
from ops.kinds.schedules.resources.actions import Actions
from ops.kinds.schedules.resources.mute_rules import MuteRules
from ops.kinds.schedules.resources.targets import Targets
from ops.plan.model import Create, Delete, Live, Resource, Update
from ops.plan.remote import Trace

_SCALING = scaling_access(
    reads=("DescribeScheduledActions", "DescribeScalableTargets", "ListTagsForResource"),
    writes=(
        "PutScheduledAction",
        "DeleteScheduledAction",
        "RegisterScalableTarget",
        "DeregisterScalableTarget",
    ),
    tags=True,
)
# A deletion can start a service.
ACCESS = (_SCALING, cloudwatch.ACCESS, manual.TASKS, manual.BOUNDS)

_Resources: TypeAlias = Targets | Actions | MuteRules


class Remote:
    """The resources of one environment's off-hours. Each type has its own class."""

    def __init__(self, aws: Aws, places: Sequence[EnvironmentPlace]) -> None:
        [place] = places
        scaling = AutoScaling(aws, _SCALING)
        self._targets = Targets(scaling, place)
        self._actions = Actions(scaling, manual.TaskCounts(aws), place)
        self._rules = MuteRules(cloudwatch.Rules(aws, place), place)
        self._resources: Mapping[Type, _Resources] = {
            Type.TARGET: self._targets,
            Type.ACTION: self._actions,
            Type.MUTE_RULE: self._rules,
        }

    def _of(self, name: str) -> _Resources:
        return self._resources[type_of(name)]

    def _by_type(self, names: Collection[str]) -> list[tuple[_Resources, list[str]]]:
        """Return the names of each type, without types that have none."""
        groups = [
            (resources, [name for name in names if type_of(name) is resource_type])
            for resource_type, resources in self._resources.items()
        ]
        return [(resources, group) for resources, group in groups if group]

    def read(self, names: Collection[str]) -> list[Live]:
        """Read the resources of each type."""
        return [live for resources, group in self._by_type(names) for live in resources.read(group)]

    def inventory(self) -> Collection[str]:
        """Return the names of each type."""
        return {name for resource in self._resources.values() for name in resource.inventory()}

    def shared(self, names: Collection[str]) -> Collection[str]:
        """Return the mute rules, unless actions show that this workspace owns them."""
        if self._actions.owned(names):
            return ()
        return [name for name in names if type_of(name) is Type.MUTE_RULE]

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Return the resources that `ops` created: actions by name, others by tags."""
        return {
            name for resources, group in self._by_type(names) for name in resources.owned(group)
        }

    def requests(self, resource: Resource) -> list[Request]:
        """Return the requests that create a resource."""
        return self._of(resource.name).requests(resource)

    def create(self, change: Create) -> None:
        """Create a resource."""
        self._of(change.name).create(change)

    def update(self, change: Update) -> None:
        """Update a resource."""
        self._of(change.name).update(change)

    def delete(self, change: Delete) -> None:
        """Delete a resource of its type. Raise OpsError for a target that still starts a service.

        Dependent resources are deleted first: if a run is interrupted, the next one finds the
        resource itself again and repeats these steps.
        https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
        """
        if type_of(change.name) is Type.TARGET:
            service = self._targets.service(change.name)
            if self._actions.starts(service):
                raise OpsError(
                    f"The action that brings `{service.service}` up still exists, and AWS would "
                    "delete it with the target",
                    "Run the same command again.",
                )
        self._of(change.name).delete(change)

    def parent(self, name: str) -> str | None:
        """Return the scalable target: Application Auto Scaling refuses concurrent changes to it.

        https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
        """
        if type_of(name) is Type.MUTE_RULE:
            return None
        return self._targets.service(name).stack.target_id

    def traces(self, name: str) -> list[Trace]:
        """Name a resource as the calls of its type do."""
        return self._of(name).traces(name)
