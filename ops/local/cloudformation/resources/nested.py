"""Nested stacks: how Copilot deploys addons."""

from __future__ import annotations

import uuid
from typing import Any

from moto.cloudformation.utils import get_stack_from_s3_url

from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType
from ops.local.cloudformation.stack import Resource, Stack
from ops.local.cloudformation.template import TemplateError


class NestedStackFailedError(Exception):
    """A nested stack was rolled back; the message is the reason in it."""


class NestedStack(ResourceType):
    """AWS::CloudFormation::Stack, which takes its parent's tags; the handle is the stack."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Make the stack from the template in S3."""
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
        return _applied(context, stack, properties)

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made:
        """Update the nested stack in place."""
        return _applied(context, resource.handle, properties)

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the nested stack."""
        context.world.delete_stack(resource.handle)
        if resource.handle.status != "DELETE_COMPLETE":
            raise NestedStackFailedError(resource.handle.stack_status_reason)

    def attribute(self, resource: Resource, name: str) -> Any:
        """`Outputs.NAME`: an output of the nested stack."""
        value = resource.handle.output(name.removeprefix("Outputs."))
        if value is None:
            raise TemplateError(f"Nested stack {resource.handle.name} has no output {name}")
        return value


def _applied(context: Context, stack: Stack, properties: Properties) -> Made:
    tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    parameters = {name: _text(value) for name, value in properties.get("Parameters", {}).items()}
    context.world.apply_stack(stack, _body(context, properties), parameters, tags)
    if stack.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise NestedStackFailedError(
            f"Embedded stack {stack.stack_id} was not successfully created: "
            f"{stack.stack_status_reason}"
        )
    return Made(stack.stack_id, handle=stack)


def _body(context: Context, properties: Properties) -> str:
    return get_stack_from_s3_url(properties["TemplateURL"], context.world.account, "aws")


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


TYPES: dict[str, ResourceType] = {"AWS::CloudFormation::Stack": NestedStack()}
