"""Target groups, created with the API: moto's CloudFormation model cannot read their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType
from ops.local.cloudformation.resources.shapes import call

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource

_FIXED = ("Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId")
_TYPE = "AWS::ElasticLoadBalancingV2::TargetGroup"


class TargetGroup(ResourceType):
    """AWS::ElasticLoadBalancingV2::TargetGroup; the services register its targets."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the group, then set its attributes."""
        client = context.world.client("elbv2")
        name = properties.get("Name") or context.generated_name(_TYPE)
        answer = call(client, "create_target_group", properties | {"Name": name})
        arn = answer["TargetGroups"][0]["TargetGroupArn"]
        _set_attributes(client, arn, properties)
        attributes = {
            "TargetGroupArn": arn,
            "TargetGroupFullName": arn.rpartition(":")[2],
            "TargetGroupName": name,
        }
        return Made(arn, attributes)

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Change health check and attributes in place; replace the group for other changes."""
        if any(properties.get(key) != resource.properties.get(key) for key in _FIXED):
            return None
        client, arn = context.world.client("elbv2"), resource.physical_resource_id
        call(client, "modify_target_group", properties | {"TargetGroupArn": arn})
        _set_attributes(client, arn, properties)
        return Made(arn, resource.attributes)

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the group."""
        client = context.world.client("elbv2")
        client.delete_target_group(TargetGroupArn=resource.physical_resource_id)


def _set_attributes(client: Any, arn: str, properties: Properties) -> None:
    attributes = properties.get("TargetGroupAttributes")
    if attributes:
        call(
            client,
            "modify_target_group_attributes",
            {"TargetGroupArn": arn, "Attributes": attributes},
        )


TYPES: dict[str, ResourceType] = {_TYPE: TargetGroup()}
