"""The interface of a kind's `remote.py` for the pipeline."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from ops.aws.constraints import Request
from ops.plan.model import Create, Delete, Live, Plan, Resource, Update

# Parameters of a call by which it names a resource, as CloudTrail spells them. None: not given.
Trace: TypeAlias = Mapping[str, str | None]


class Remote(Protocol):
    """The resources of a kind in AWS, in given places.

    Names are those of `Resource.name`. Methods raise botocore's errors unchanged.
    """

    def read(self, names: Collection[str]) -> list[Live]:
        """Return the given resources that exist, regardless of owner."""

    def inventory(self) -> Collection[str]:
        """Return the names of all resources that `ops` may have created here, declared or not.

        `owned` decides about those that are not declared.
        """

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Return which of some existing resources `ops` created."""

    def create(self, change: Create) -> None:
        """Create the resource as `change.result`, with its tags."""

    def update(self, change: Update) -> None:
        """Update the resource to `change.result`."""

    def delete(self, change: Delete) -> None:
        """Delete the resource."""

    def traces(self, name: str) -> Sequence[Trace]:
        """Return the parameters by which calls name it; each alternative is enough. Makes
        no call.
        """


@runtime_checkable
class Observer(Protocol):
    """A remote with warnings about what it read, or about the effects of its plan."""

    def warnings(self, plan: Plan) -> list[str]:
        """Return the warnings to show with the plan."""


@runtime_checkable
class Requester(Protocol):
    """A remote that can return its requests before sending any."""

    def requests(self, resource: Resource) -> Iterable[Request]:
        """Return the requests that create a resource; this makes no call."""


@runtime_checkable
class Neighbour(Protocol):
    """A remote that excludes resources of other workspaces of the application."""

    def left_alone(self) -> list[str]:
        """Return a sentence for each thing that the last inventory left out. Makes no call."""


@runtime_checkable
class Sharer(Protocol):
    """A remote some of whose resources belong to all workspaces of the application."""

    def shared(self, names: Collection[str]) -> Collection[str]:
        """Return the resources of an inventory that another workspace may have declared. Makes no
        call.
        """


@runtime_checkable
class Reviewer(Protocol):
    """A remote that checks its plan before the plan is shown."""

    def review(self, plan: Plan) -> Plan:
        """Return the plan with a Conflict in place of each harmful change."""


@runtime_checkable
class Serial(Protocol):
    """A remote of resources with a shared parent, for which AWS accepts one change at a time."""

    def parent(self, name: str) -> str | None:
        """Return the parent's name in AWS, such as a log group's; None for a resource without a
        parent. Do not call AWS.
        """
