"""What the pipeline asks of a kind's `remote.py`."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from ops.plan.model import Create, Delete, Live, Plan, Update

# Parameters of a call by which it names a resource, as CloudTrail spells them. None: not given.
Trace: TypeAlias = Mapping[str, str | None]


class Remote(Protocol):
    """A kind's resources in AWS, in the places that it was made with.

    Names are those of `Resource.name`. Methods raise botocore's errors as they come.
    """

    def read(self, names: Collection[str]) -> list[Live]:
        """Those of these resources that exist, whoever made them."""

    def inventory(self) -> Collection[str]:
        """Return the names of all that `ops` may have made here, declared or not.

        `owned` decides about those that are not declared.
        """

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Those of some existing resources that `ops` made."""

    def create(self, change: Create) -> None:
        """Make it as `change.result`, with its tags."""

    def update(self, change: Update) -> None:
        """Bring it to `change.result`."""

    def delete(self, change: Delete) -> None:
        """Remove it."""

    def traces(self, name: str) -> Sequence[Trace]:
        """How calls that write it name it, there or not; each alternative is enough. No call."""


@runtime_checkable
class Observer(Protocol):
    """A remote that has warnings about what it read or what its plan leads to."""

    def warnings(self, plan: Plan) -> list[str]:
        """Return the warnings to show with the plan."""


@runtime_checkable
class Neighbour(Protocol):
    """A remote that leaves out what belongs to other workspaces of the application."""

    def left_alone(self) -> list[str]:
        """Return what the last inventory left out, a sentence each. No call."""


@runtime_checkable
class Sharer(Protocol):
    """A remote of which some resources belong to all workspaces of the application together."""

    def shared(self, names: Collection[str]) -> Collection[str]:
        """Those of an inventory that another workspace may have declared. No call."""


@runtime_checkable
class Reviewer(Protocol):
    """A remote that looks at its plan before anybody sees it."""

    def review(self, plan: Plan) -> Plan:
        """The plan, with a Conflict in place of each change that would do harm."""


@runtime_checkable
class Serial(Protocol):
    """A remote of resources that share a parent which AWS lets one call at a time change."""

    def parent(self, name: str) -> str | None:
        """The parent's own name in AWS, such as a log group's; None: there is none. No call."""
