"""SNS topics, created with the API: moto's CloudFormation model gives them no tags.

Copilot finds the topics of a publisher by the tags of its stack.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType
from ops.local.cloudformation.template import as_text

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource

_FIXED = ("TopicName", "FifoTopic")
_ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DisplayName",
    "FifoThroughputScope",
    "FifoTopic",
    "KmsMasterKeyId",
    "SignatureVersion",
    "TracingConfig",
)


_OF_SUBSCRIPTION = (
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
)


class Topic(ResourceType):
    """AWS::SNS::Topic. A FIFO topic without a name gets one that ends in `.fifo`."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the topic and its subscriptions."""
        is_fifo = as_text(properties.get("FifoTopic", "false")) == "true"
        suffix = ".fifo" if is_fifo else ""
        name = properties.get("TopicName") or context.generated_name("AWS::SNS::Topic") + suffix
        client = context.world.client("sns")
        arn = client.create_topic(
            Name=name, Attributes=_attributes(properties), Tags=properties.get("Tags", [])
        )["TopicArn"]
        for subscription in properties.get("Subscription", []):
            client.subscribe(
                TopicArn=arn, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"]
            )
        return Made(arn, {"TopicArn": arn, "TopicName": name})

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Change attributes and tags in place; replace the topic if its name or kind differs."""
        old = resource.properties
        if any(properties.get(key) != old.get(key) for key in _FIXED):
            return None
        client, arn = context.world.client("sns"), resource.physical_resource_id
        before = _attributes(old)
        for name, value in _attributes(properties).items():
            if before.get(name) != value:
                client.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)
        tags = {tag["Key"] for tag in properties.get("Tags", [])}
        removed = [tag["Key"] for tag in old.get("Tags", []) if tag["Key"] not in tags]
        if removed:
            client.untag_resource(ResourceArn=arn, TagKeys=removed)
        if tags:
            client.tag_resource(ResourceArn=arn, Tags=properties["Tags"])
        return Made(arn, resource.attributes)

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the topic with its subscriptions."""
        context.world.client("sns").delete_topic(TopicArn=resource.physical_resource_id)


class Subscription(ResourceType):
    """AWS::SNS::Subscription.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html
    """

    def create(self, context: Context, properties: Properties) -> Made:
        """Subscribe the endpoint."""
        attributes = {
            key: value if isinstance(value := properties[key], str) else json.dumps(value)
            for key in _OF_SUBSCRIPTION
            if key in properties
        }
        arn = context.world.client("sns").subscribe(
            TopicArn=properties["TopicArn"],
            Protocol=properties["Protocol"],
            Endpoint=properties["Endpoint"],
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        return Made(arn, {"Arn": arn})

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Replace it: it has no state to keep."""

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the subscription."""
        context.world.client("sns").unsubscribe(SubscriptionArn=resource.physical_resource_id)


def _attributes(properties: Properties) -> dict[str, str]:
    given: dict[str, Any] = {key: properties[key] for key in _ATTRIBUTES if key in properties}
    if "ArchivePolicy" in properties:
        given["ArchivePolicy"] = json.dumps(properties["ArchivePolicy"])
    return {key: as_text(value) for key, value in given.items()}


TYPES: dict[str, ResourceType] = {
    "AWS::SNS::Subscription": Subscription(),
    "AWS::SNS::Topic": Topic(),
}
