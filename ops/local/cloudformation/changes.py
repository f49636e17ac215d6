"""The predicted changes of a change set."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.intrinsics import Unknown
from ops.local.cloudformation.resources.registry import resource_type, with_tags
from ops.local.cloudformation.scope import check_references, in_order, scope_of
from ops.local.cloudformation.template import parameter_values, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.local.cloudformation.intrinsics import Scope
    from ops.local.cloudformation.resources.base import World
    from ops.local.cloudformation.stack import Stack

NO_CHANGES = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)


@dataclass(frozen=True)
class Change:
    """One resource that a change set would add, modify or remove."""

    action: str
    logical_resource_id: str
    resource_type: str
    physical_resource_id: str | None = None


@dataclass
class ChangeSet:
    """A change set; the attributes are those of the API, in snake case."""

    change_set_id: str
    change_set_name: str
    change_set_type: str
    stack: Stack
    template: str
    parameters: dict[str, str]
    stack_tags: dict[str, str]
    role_arn: str | None = None
    description: str | None = None
    notification_arns: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    status_reason: str | None = None
    creation_time: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    """Copilot reads events from here on: without it, an older event looks like the end."""

    def fail(self, reason: str) -> None:
        """Set the status of a change set that cannot be executed."""
        self.status, self.execution_status, self.status_reason = "FAILED", "UNAVAILABLE", reason

    @property
    def tags(self) -> list[dict[str, str]]:
        """Return the stack's tags in the API's form."""
        return [{"Key": key, "Value": value} for key, value in self.stack_tags.items()]

    @property
    def stack_id(self) -> str:
        """Return the stack's ID."""
        return self.stack.stack_id

    @property
    def stack_name(self) -> str:
        """Return the stack's name."""
        return self.stack.name


def changes(
    stack: Stack, world: World, body: str, parameters: dict[str, str], tags: dict[str, str]
) -> list[Change]:
    """Return the difference between the resources of `stack` and the template.

    A resource that refers to a changed one counts as changed too, as in CloudFormation before it
    knows the new values.

    Raise TemplateError if the template can't be read or resolved.
    """
    planned = _planned(stack, body, parameters, tags)
    touched: dict[str, Change] = {}
    scope = _scope(planned, world, touched)
    order = in_order(planned.template_dict, scope)
    for name in order:
        declared = planned.template_dict["Resources"][name]
        resolved = scope.resolve(declared.get("Properties", {}))
        properties = with_tags(declared["Type"], resolved, tags)
        existing = stack.resources.get(name)
        if existing is None:
            touched[name] = Change("Add", name, declared["Type"])
        elif existing.properties != properties or existing.cf_resource_type != declared["Type"]:
            touched[name] = Change("Modify", name, declared["Type"], existing.physical_resource_id)
    removed = [
        Change("Remove", name, resource.cf_resource_type, resource.physical_resource_id)
        for name, resource in stack.resources.items()
        if name not in order
    ]
    return [*touched.values(), *removed]


def _planned(stack: Stack, body: str, parameters: dict[str, str], tags: dict[str, str]) -> Stack:
    planned = copy.copy(stack)
    planned.template_dict = parse(body)
    check_references(planned.template_dict)
    planned.stack_parameters = parameter_values(planned.template_dict, parameters)
    planned.tags = tags
    planned.imports = set()
    return planned


def _scope(planned: Stack, world: World, touched: Mapping[str, Change]) -> Scope:
    """Return the values that are known in advance: none of a new or changed resource.

    A modified resource keeps its ID unless it is replaced, which only the change itself shows.
    """

    def is_known(name: str) -> bool:
        return name in planned.resources and name not in touched

    def reference(name: str) -> Any:
        return planned.resources[name].physical_resource_id if is_known(name) else Unknown()

    def attribute(name: str, attribute_name: str) -> Any:
        if not is_known(name):
            return Unknown()
        resource = planned.resources[name]
        return resource_type(resource.cf_resource_type).attribute(resource, attribute_name)

    return scope_of(planned, world, reference, attribute)
