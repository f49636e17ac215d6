"""Load balancers and target groups, created with the API.

moto's CloudFormation models make every load balancer an application load balancer, and cannot read
the numbers of a target group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType
from ops.local.cloudformation.resources.shapes import call

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource

_FIXED = ("Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId")
_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_FIXED_BALANCER = ("IpAddressType", "Name", "Scheme", "SubnetMappings", "Type")
_ZONE = "Z215JYRZR1TBD5"  # the zone of eu-central-1; nothing is resolved by it here
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


class LoadBalancer(ResourceType):
    """AWS::ElasticLoadBalancingV2::LoadBalancer, of any type."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the load balancer, then set its attributes."""
        client = context.world.client("elbv2")
        name = properties.get("Name") or context.generated_name(_BALANCER)
        answer = call(client, "create_load_balancer", properties | {"Name": name})
        balancer = answer["LoadBalancers"][0]
        arn = balancer["LoadBalancerArn"]
        self._set_attributes(client, arn, properties)
        attributes = {
            "CanonicalHostedZoneID": balancer.get("CanonicalHostedZoneId") or _ZONE,
            "DNSName": balancer["DNSName"],
            "LoadBalancerArn": arn,
            "LoadBalancerFullName": arn.partition(":loadbalancer/")[2],
            "LoadBalancerName": name,
            "SecurityGroups": balancer.get("SecurityGroups", []),
        }
        return Made(arn, attributes)

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Change attributes, networks and tags in place; replace it if its name or type differs."""
        if any(properties.get(key) != resource.properties.get(key) for key in _FIXED_BALANCER):
            return None
        client, arn = context.world.client("elbv2"), resource.physical_resource_id
        for key, method in (("SecurityGroups", "set_security_groups"), ("Subnets", "set_subnets")):
            if properties.get(key) != resource.properties.get(key):
                call(client, method, {"LoadBalancerArn": arn, key: properties.get(key, [])})
        if properties.get("Tags"):
            client.add_tags(ResourceArns=[arn], Tags=properties["Tags"])
        self._set_attributes(client, arn, properties)
        return Made(arn, resource.attributes)

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the load balancer."""
        client = context.world.client("elbv2")
        client.delete_load_balancer(LoadBalancerArn=resource.physical_resource_id)

    @staticmethod
    def _set_attributes(client: Any, arn: str, properties: Properties) -> None:
        attributes = properties.get("LoadBalancerAttributes")
        if attributes:
            given = {"LoadBalancerArn": arn, "Attributes": attributes}
            call(client, "modify_load_balancer_attributes", given)


def _set_attributes(client: Any, arn: str, properties: Properties) -> None:
    attributes = properties.get("TargetGroupAttributes")
    if attributes:
        call(
            client,
            "modify_target_group_attributes",
            {"TargetGroupArn": arn, "Attributes": attributes},
        )


TYPES: dict[str, ResourceType] = {_BALANCER: LoadBalancer(), _TYPE: TargetGroup()}
