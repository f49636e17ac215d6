"""What it takes to make one type of resource."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.cloudformation.parsing import generate_resource_name

from ops.local.cloudformation.template import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.cloudformation.stack import Resource, Stack

Properties = dict[str, Any]


@dataclass(frozen=True)
class World:
    """What all stacks of a region share.

    `client` makes a boto3 client to this AWS; `settled` waits until an ECS service (cluster,
    service ARN) has reached a steady state, and raises what hinders it. Who calls `apply_stack`
    or `delete_stack` holds the stack's lock.
    """

    account: str
    region: str
    client: Callable[[str], Any]
    settled: Callable[[str, str], None]
    apply_stack: Callable[[Stack, str, dict[str, str], dict[str, str] | None], None]
    delete_stack: Callable[[Stack], None]
    register: Callable[[Stack], None]
    find: Callable[[str], Stack]
    exports: Callable[[], dict[str, Any]]
    stacks: Callable[[], list[Stack]]


@dataclass(frozen=True)
class Context:
    """Where a resource stands: its stack, its logical id, and the AWS around it."""

    stack: Stack
    logical_id: str
    world: World

    def generated_name(self, resource_type: str) -> str:
        """A unique name made of stack and logical id, within the type's limit of length."""
        return generate_resource_name(resource_type, self.stack.name, self.logical_id)


@dataclass(frozen=True)
class Made:
    """What making a resource gave: its physical id, and what GetAtt can ask for."""

    physical_id: str
    attributes: dict[str, Any] = field(default_factory=dict)
    handle: Any = None


class ResourceType:
    """One type of resource. Any exception is the reason for which the stack fails."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Make the resource."""
        raise NotImplementedError

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Change the resource in place; None if it must be replaced by another."""
        return None

    def settle(self, context: Context, resource: Resource) -> None:
        """Wait until what was made or changed works.

        It is there by now: a failure has it removed, or changed back.
        """

    def delete(self, context: Context, resource: Resource) -> None:
        """Remove the resource; one that is gone already is no error."""

    def attribute(self, resource: Resource, name: str) -> Any:
        """The value of `Fn::GetAtt`.

        Raises:
            TemplateError: the resource has no such attribute.
        """
        try:
            return resource.attributes[name]
        except KeyError:
            raise TemplateError(
                f"Requested attribute {name} does not exist in schema for "
                f"{resource.cf_resource_type} (or the embedded AWS does not know it)"
            ) from None
