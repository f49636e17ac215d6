"""Nested stacks, with which Copilot deploys addons."""

from __future__ import annotations

import uuid
from typing import Any

from moto.cloudformation.utils import get_stack_from_s3_url
from moto.s3.models import S3Backend

from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType
from ops.local.cloudformation.stack import Resource, Stack
from ops.local.cloudformation.template import TemplateError, as_text
from ops.local.locks import lock_of


class NestedStackFailedError(Exception):
    """A nested stack was rolled back; the message is its reason."""


class NestedStack(ResourceType):
    """AWS::CloudFormation::Stack, which takes its parent's tags; the handle is the stack."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the stack from the template in S3."""
        parent, world = context.stack, context.world
        name = context.generated_name("AWS::CloudFormation::Stack")
        stack = Stack(
            stack_id=f"arn:aws:cloudformation:{world.region}:{world.account}:stack/{name}/{uuid.uuid4()}",
            name=name,
            account_id=world.account,
            region_name=world.region,
            parent_id=parent.stack_id,
            root_id=parent.root_id or parent.stack_id,
        )
        world.register(stack)
        _apply(context, stack, properties)
        return Made(stack.stack_id, handle=stack)

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made:
        """Update the nested stack in place."""
        _apply(context, resource.handle, properties)
        return Made(resource.physical_resource_id, handle=resource.handle)

    def settle(self, context: Context, resource: Resource) -> None:
        """Raise NestedStackFailedError if the nested stack was rolled back."""
        stack = resource.handle
        if stack.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            verb = "updated" if stack.status.startswith("UPDATE") else "created"
            raise NestedStackFailedError(
                f"Embedded stack {stack.stack_id} was not successfully {verb}: "
                f"{stack.stack_status_reason}"
            )

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the nested stack."""
        with resource.handle.lock:
            context.world.delete_stack(resource.handle)
        if resource.handle.status != "DELETE_COMPLETE":
            raise NestedStackFailedError(resource.handle.stack_status_reason)

    def attribute(self, resource: Resource, name: str) -> Any:
        """Return `Outputs.NAME`: an output of the nested stack."""
        value = resource.handle.output(name.removeprefix("Outputs."))
        if value is None:
            raise TemplateError(f"Nested stack {resource.handle.name} has no output {name}")
        return value


def _apply(context: Context, stack: Stack, properties: Properties) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    parameters = {name: _text(value) for name, value in properties.get("Parameters", {}).items()}
    stack.on_failure = context.stack.on_failure
    with stack.lock:
        context.world.apply_stack(stack, _body(context, properties), parameters, tags)


def _body(context: Context, properties: Properties) -> str:
    with lock_of(S3Backend):
        return get_stack_from_s3_url(properties["TemplateURL"], context.world.account, "aws")


def _text(value: Any) -> str:
    return ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)


TYPES: dict[str, ResourceType] = {"AWS::CloudFormation::Stack": NestedStack()}
