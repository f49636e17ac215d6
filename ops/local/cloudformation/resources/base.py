"""The interface of a resource type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.cloudformation.parsing import generate_resource_name

from ops.local.cloudformation.template import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.cloudformation.stack import Resource, Stack

# The longest name of a type whose generated names would be longer. Source: the types' pages.
_LONGEST = {"AWS::IAM::Role": 64, "AWS::Events::Rule": 64, "AWS::StepFunctions::StateMachine": 80}

Properties = dict[str, Any]


@dataclass(frozen=True)
class World:
    """The context that all stacks of a region share.

    `client` creates a boto3 client for this AWS; `settled` waits until an ECS service (cluster,
    service ARN) is in a steady state, and raises an error if it cannot be. Callers of `apply_stack`
    or `delete_stack` hold the stack's lock.
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
    """The context of a resource: its stack, its logical ID, and the AWS APIs."""

    stack: Stack
    logical_id: str
    world: World

    def generated_name(self, resource_type: str) -> str:
        """Return a unique name from stack and logical ID, within the type's maximum length."""
        name = generate_resource_name(resource_type, self.stack.name, self.logical_id)
        longest = _LONGEST.get(resource_type)
        if longest is None or len(name) <= longest:
            return name
        suffix = name.rpartition("-")[2]
        return f"{name[: longest - len(suffix) - 1].rstrip('-')}-{suffix}"


@dataclass(frozen=True)
class Made:
    """A created resource: its physical ID, and its attributes for GetAtt."""

    physical_id: str
    attributes: dict[str, Any] = field(default_factory=dict)
    handle: Any = None


class ResourceType:
    """A resource type. Any exception becomes the reason of the stack's failure."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the resource."""
        raise NotImplementedError

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Change the resource in place; return None if it must be replaced."""
        return None

    def settle(self, context: Context, resource: Resource) -> None:
        """Wait until the created or changed resource works.

        After a failure the resource is deleted, or changed back.
        """

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the resource; ignore a missing one."""

    def attribute(self, resource: Resource, name: str) -> Any:
        """Return the value of `Fn::GetAtt`.

        Raise TemplateError if the resource has no such attribute.
        """
        try:
            return resource.attributes[name]
        except KeyError:
            raise TemplateError(
                f"Requested attribute {name} does not exist in schema for "
                f"{resource.cf_resource_type} (or the embedded AWS does not know it)"
            ) from None
