"""SQS queues, created with the API: moto's CloudFormation model updates only two attributes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType
from ops.local.cloudformation.template import as_text

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource

_FIXED = ("QueueName", "FifoQueue")
_LONGEST, _FIFO = 80, ".fifo"  # characters of a name, and the end of a FIFO queue's
_DEFAULTS = {
    "DelaySeconds": "0",
    "MaximumMessageSize": "262144",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedrivePolicy": "",
    "VisibilityTimeout": "30",
}
"""What an attribute becomes again when the template no longer has it. Source: the type's page."""


class Queue(ResourceType):
    """AWS::SQS::Queue."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the queue."""
        name = properties.get("QueueName") or _generated_name(context, properties)
        client = context.world.client("sqs")
        url = client.create_queue(
            QueueName=name, Attributes=_attributes(properties), tags=_tags(properties)
        )["QueueUrl"]
        arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return Made(
            url,
            {"Arn": arn["Attributes"]["QueueArn"], "QueueName": name, "QueueUrl": url},
        )

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Change attributes and tags in place; replace the queue if its name or kind differs."""
        old = resource.properties
        if any(properties.get(key) != old.get(key) for key in _FIXED):
            return None
        client, url = context.world.client("sqs"), resource.physical_resource_id
        gone = _DEFAULTS.keys() & (old.keys() - properties.keys())
        attributes = {key: _DEFAULTS[key] for key in gone} | _attributes(properties)
        client.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        removed = _tags(old).keys() - _tags(properties).keys()
        if removed:
            client.untag_queue(QueueUrl=url, TagKeys=sorted(removed))
        if _tags(properties):
            client.tag_queue(QueueUrl=url, Tags=_tags(properties))
        return Made(url, resource.attributes)

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the queue."""
        context.world.client("sqs").delete_queue(QueueUrl=resource.physical_resource_id)


def _attributes(properties: Properties) -> dict[str, str]:
    return {
        key: json.dumps(value) if isinstance(value, dict) else as_text(value)
        for key, value in properties.items()
        if key not in {"QueueName", "Tags"} and (key, as_text(value)) != ("FifoQueue", "false")
    }


def _generated_name(context: Context, properties: Properties) -> str:
    """Return a name; that of a FIFO queue ends in `.fifo`, which SQS requires."""
    name = context.generated_name("AWS::SQS::Queue")
    if as_text(properties.get("FifoQueue", False)) != "true":
        return name
    return f"{name[: _LONGEST - len(_FIFO)]}{_FIFO}"


def _tags(properties: Properties) -> dict[str, Any]:
    return {tag["Key"]: as_text(tag["Value"]) for tag in properties.get("Tags", [])}


TYPES: dict[str, ResourceType] = {"AWS::SQS::Queue": Queue()}
