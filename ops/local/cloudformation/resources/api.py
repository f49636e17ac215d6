"""Resource types implemented with calls of the public API.

CloudFormation's properties have the names of the API's parameters in these services, so a type
needs only two or three operation names and the fields of the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.local import assumptions
from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType
from ops.local.cloudformation.resources.inert import is_placeholder
from ops.local.cloudformation.resources.shapes import call

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource

_NAMED_ELSEWHERE = "what does not run here would name its service"

Translate = Callable[[Context, Properties], dict[str, Any]]


@dataclass(frozen=True)
class ApiResource(ResourceType):
    """A type that one operation creates and another deletes.

    `made` reads physical ID and attributes from parameters and answer; `keys` are the properties
    that identify the resource for the delete operation, unless that takes the physical ID as
    `id_key`. With `upsert`, creating again updates the resource if its `identity` properties are
    the same.
    """

    service: str
    create_operation: str
    delete_operation: str
    made: Callable[[dict[str, Any], dict[str, Any]], Made]
    id_key: str = ""
    keys: tuple[str, ...] = ()
    upsert: bool = False
    identity: tuple[str, ...] = ()
    parameters: Translate = field(default=lambda _context, properties: properties)

    def create(self, context: Context, properties: Properties) -> Made:
        """Call the create operation."""
        parameters = self.parameters(context, properties)
        client = context.world.client(self.service)
        return self.made(parameters, call(client, self.create_operation, parameters))

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Create again if that updates in place; else request a replacement."""
        same = all(resource.properties.get(k) == properties.get(k) for k in self.identity)
        return self.create(context, properties) if self.upsert and same else None

    def delete(self, context: Context, resource: Resource) -> None:
        """Call the delete operation."""
        parameters = self.parameters(context, resource.properties)
        physical_id = resource.physical_resource_id
        named: dict[str, Any] = {key: parameters[key] for key in self.keys}
        if self.id_key:
            is_list = self.id_key.endswith("s")
            named[self.id_key] = [physical_id] if is_list else physical_id
        call(context.world.client(self.service), self.delete_operation, named)


def _named(key: str, type_name: str) -> Translate:
    """Return the parameters, with a generated name if the template has no name."""

    def translate(context: Context, properties: Properties) -> dict[str, Any]:
        return (
            properties
            if properties.get(key)
            else properties | {key: context.generated_name(type_name)}
        )

    return translate


def _alarm(context: Context, properties: Properties) -> dict[str, Any]:
    named = _named("AlarmName", "AWS::CloudWatch::Alarm")(context, properties)
    # A generated name must be the same when the alarm is put again or deleted.
    existing = context.stack.resources.get(context.logical_id)
    was_generated = existing is not None and not existing.properties.get("AlarmName")
    if existing is not None and was_generated and not properties.get("AlarmName"):
        return named | {"AlarmName": existing.physical_resource_id}
    return named


def _scalable_target(_context: Context, properties: Properties) -> dict[str, Any]:
    # Since 2021 the service-linked role is used whatever is given, and the API may leave it out.
    return {key: value for key, value in properties.items() if key != "ScheduledActions"}


def _scaling_policy(_context: Context, properties: Properties) -> dict[str, Any]:
    """Return the policy with its target's fields, if the template names the target with a Ref."""
    parameters = dict(properties)
    target = parameters.pop("ScalingTargetId", None)
    if target:
        resource, dimension, namespace = target.split("|")
        parameters |= {
            "ResourceId": resource, "ScalableDimension": dimension, "ServiceNamespace": namespace,
        }  # fmt: skip
    return parameters


@dataclass(frozen=True)
class Scaling(ApiResource):
    """A scaling target or policy; only recorded if what it scales has a placeholder for a name.

    Application Auto Scaling refuses such a name, which belongs to a resource that does not run
    here.
    """

    def create(self, context: Context, properties: Properties) -> Made:
        """Call the create operation, or record that the call was skipped."""
        parameters = self.parameters(context, properties)
        if not is_placeholder(parameters.get("ResourceId"), context):
            return super().create(context, properties)
        assumptions.note(f"`{context.logical_id}` scales nothing here: {_NAMED_ELSEWHERE}")
        return self.made(parameters, {"PolicyARN": context.generated_name("AWS::Record")})

    def delete(self, context: Context, resource: Resource) -> None:
        """Call the delete operation, unless the creation was skipped."""
        parameters = self.parameters(context, resource.properties)
        if not is_placeholder(parameters.get("ResourceId"), context):
            super().delete(context, resource)


class PrivateDnsNamespace(ResourceType):
    """AWS::ServiceDiscovery::PrivateDnsNamespace, whose operation answers before it completes."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the namespace, and read its ID from the operation."""
        client = context.world.client("servicediscovery")
        keys = ("Name", "Vpc", "Description")
        given = {key: properties[key] for key in keys if key in properties}
        operation = client.create_private_dns_namespace(**given)["OperationId"]
        targets = client.get_operation(OperationId=operation)["Operation"]["Targets"]
        namespace = client.get_namespace(Id=targets["NAMESPACE"])["Namespace"]
        zone = namespace.get("Properties", {}).get("DnsProperties", {}).get("HostedZoneId", "")
        return Made(
            namespace["Id"],
            {"Id": namespace["Id"], "Arn": namespace["Arn"], "HostedZoneId": zone},
        )

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the namespace."""
        client = context.world.client("servicediscovery")
        client.delete_namespace(Id=resource.physical_resource_id)


def _target_result(given: dict[str, Any], _answer: dict[str, Any]) -> Made:
    names = ("ResourceId", "ScalableDimension", "ServiceNamespace")
    return Made("|".join(given[name] for name in names), {"Id": given["ResourceId"]})


_TARGET = ("ServiceNamespace", "ResourceId", "ScalableDimension")

TYPES: dict[str, ResourceType] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": Scaling(
        "application-autoscaling", "register_scalable_target", "deregister_scalable_target",
        _target_result, keys=_TARGET, upsert=True, identity=_TARGET, parameters=_scalable_target,
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": Scaling(
        "application-autoscaling", "put_scaling_policy", "delete_scaling_policy",
        lambda _given, answer: Made(answer["PolicyARN"], {"Arn": answer["PolicyARN"]}),
        keys=("PolicyName", *_TARGET), upsert=True,
        identity=("PolicyName", "ScalingTargetId", *_TARGET), parameters=_scaling_policy,
    ),
    "AWS::CloudWatch::Alarm": ApiResource(
        "cloudwatch", "put_metric_alarm", "delete_alarms",
        lambda given, _answer: Made(given["AlarmName"]),
        id_key="AlarmNames", upsert=True, identity=("AlarmName",), parameters=_alarm,
    ),
    "AWS::EC2::SubnetRouteTableAssociation": ApiResource(
        "ec2", "associate_route_table", "disassociate_route_table",
        lambda _given, answer: Made(
            answer["AssociationId"], {"Id": answer["AssociationId"]}
        ),
        id_key="AssociationId",
    ),
    "AWS::EC2::VPCEndpoint": ApiResource(
        "ec2", "create_vpc_endpoint", "delete_vpc_endpoints",
        lambda _given, answer: Made(
            answer["VpcEndpoint"]["VpcEndpointId"], {"Id": answer["VpcEndpoint"]["VpcEndpointId"]}
        ),
        id_key="VpcEndpointIds",
    ),
    "AWS::EC2::VPCGatewayAttachment": ApiResource(
        "ec2", "attach_internet_gateway", "detach_internet_gateway",
        lambda given, _answer: Made(f"IGW|{given['VpcId']}"),
        keys=("InternetGatewayId", "VpcId"),
    ),
    "AWS::ServiceDiscovery::PrivateDnsNamespace": PrivateDnsNamespace(),
    "AWS::ServiceDiscovery::Service": ApiResource(
        "servicediscovery", "create_service", "delete_service",
        lambda _given, answer: Made(
            answer["Service"]["Id"],
            {key: answer["Service"][key] for key in ("Id", "Arn", "Name")},
        ),
        id_key="Id",
    ),
}  # fmt: skip
