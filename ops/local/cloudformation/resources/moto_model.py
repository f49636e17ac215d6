"""Resource types that moto's own CloudFormation models implement well."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from moto.cloudformation.parsing import get_model_map

from ops.local import assumptions
from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType
from ops.local.cloudformation.resources.inert import Inert, placeholders
from ops.local.locks import lock_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.cloudformation.stack import Resource

log = logging.getLogger(__name__)

# How to delete what moto's model can't: service, operation, and the parameter for the physical id.
_DELETERS = {
    "AWS::EC2::EIP": ("ec2", "release_address", "PublicIp"),
    "AWS::EC2::InternetGateway": ("ec2", "delete_internet_gateway", "InternetGatewayId"),
    "AWS::EC2::NatGateway": ("ec2", "delete_nat_gateway", "NatGatewayId"),
    "AWS::EC2::RouteTable": ("ec2", "delete_route_table", "RouteTableId"),
    "AWS::ElasticLoadBalancingV2::Listener": ("elbv2", "delete_listener", "ListenerArn"),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("elbv2", "delete_rule", "RuleArn"),
    "AWS::IAM::ManagedPolicy": ("iam", "delete_policy", "PolicyArn"),
}  # fmt: skip

# Attributes that moto's models lack, from their physical id. Source: the types' pages.
_ATTRIBUTES: dict[tuple[str, str], Callable[[str], str | list[str]]] = {
    # Nothing is resolved by these name servers, which a hosted zone of Route 53 has.
    ("AWS::Route53::HostedZone", "NameServers"): (
        lambda _zone: [f"ns-{number}.awsdns.example" for number in range(1, 5)]
    ),
}

# The field of moto's object that is its physical id, where it is not `physical_resource_id`.
_IDENTIFIERS = {"AWS::EFS::AccessPoint": "access_point_id"}

# What moto raises where a property has a form that it does not expect; refusals of AWS's have
# classes of their own.
_FAULTS = (AttributeError, KeyError, NotImplementedError, TypeError, ValueError)

# Functions never run here and databases serve nobody, so that moto's refusals only do harm.
_NEVER_RUN = ("AWS::Lambda::", "AWS::RDS::")

# Known to do nothing here: moto evaluates no policy with conditions, and no egress rule.
_RECORDS = frozenset({
    "AWS::EC2::SecurityGroupEgress", "AWS::Logs::ResourcePolicy", "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy",
})  # fmt: skip


def resource_type(name: str) -> ResourceType:
    """Return moto's model of the type, or an inert resource if moto has none."""
    if name in _RECORDS:
        return Record()
    model = get_model_map().get(name)
    if model is None:
        return Inert(name)
    return MotoModel(name, model)


def _prepared(name: str, properties: Properties) -> Properties:
    """Return the properties as moto understands them: it substitutes nothing in definitions of
    state machines, and reads none but texts.
    """
    if name != "AWS::StepFunctions::StateMachine":
        return properties
    definition = properties.get("DefinitionString") or properties.get("Definition") or ""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    for variable, value in (properties.get("DefinitionSubstitutions") or {}).items():
        text = text.replace(f"${{{variable}}}", str(value))
    return properties | {"DefinitionString": text}


def _arn(resource: Resource) -> str | None:
    """Return the ARN of moto's object: its identifier, or a field such as `access_point_arn`."""
    fields = vars(resource.handle)
    own = [value for name, value in fields.items() if name == "arn" or name.endswith("_arn")]
    candidates = [resource.physical_resource_id, *own]
    return next((arn for arn in candidates if isinstance(arn, str) and _is_of(arn, resource)), None)


def _is_of(arn: str, resource: Resource) -> bool:
    return arn.startswith("arn:") and resource.physical_resource_id in arn


class Record(ResourceType):
    """A type that is only recorded and has no effect."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Record the properties, under a generated name."""
        return Made(context.generated_name("AWS::Record"), dict(properties))

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made:
        """Record the new properties."""
        return Made(resource.physical_resource_id, dict(properties))


class MotoModel(ResourceType):
    """A type implemented by a class of moto's; the resource's handle is the model's object."""

    def __init__(self, name: str, model: Any) -> None:
        self._name = name
        self._model = model
        self._lock = lock_of(model)
        self._inert = Inert(name)

    def create(self, context: Context, properties: Properties) -> Made:
        """Create it with moto, with the name in its properties, or a generated one.

        It is inert if moto cannot read its properties: that is moto's fault, not the template's.
        """
        given = self._resource_name(context, properties)
        try:
            handle = self._create(context, properties, given)
        except _FAULTS as fault:
            log.info("moto cannot create %s: %r", self._name, fault)
            return self._inert.create(context, properties)
        except Exception:
            if not self._name.startswith(_NEVER_RUN):
                raise
            return self._inert.create(context, properties)
        identifier = _IDENTIFIERS.get(self._name, "physical_resource_id")
        name = getattr(handle, identifier, given)
        return Made(name, placeholders(self._name, name, context), handle=handle)

    def _create(self, context: Context, properties: Properties, name: str) -> Any:
        with self._lock:
            return self._model.create_from_cloudformation_json(
                name,
                {"Type": self._name, "Properties": _prepared(self._name, properties)},
                context.world.account,
                context.world.region,
                LogicalId=context.logical_id,
                StackId=context.stack.stack_id,
                ResourceType=self._name,
            )

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Update it with moto; replace it if its name differs or moto cannot."""
        if resource.handle is None:
            return self._inert.update(context, resource, properties)
        if "update_from_cloudformation_json" not in vars(self._model):
            return None
        name_property = self._name_property() or ""
        if properties.get(name_property) != resource.properties.get(name_property):
            return None
        name = properties.get(name_property) or resource.physical_resource_id
        with self._lock:
            handle = self._model.update_from_cloudformation_json(
                resource.handle,
                name,
                {"Type": self._name, "Properties": _prepared(self._name, properties)},
                context.world.account,
                context.world.region,
            )
        return Made(handle.physical_resource_id, resource.attributes, handle=handle)

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete it with moto, or call the API if moto's model cannot."""
        if resource.handle is None:
            return
        if self._name in _DELETERS:
            service, operation, parameter = _DELETERS[self._name]
            client = context.world.client(service)
            getattr(client, operation)(**{parameter: resource.physical_resource_id})
            return
        with self._lock:
            self._delete_by_model(resource, context.world.account, context.world.region)

    def _delete_by_model(self, resource: Resource, account: str, region: str) -> None:
        if "delete_from_cloudformation_json" in vars(self._model):
            self._model.delete_from_cloudformation_json(
                resource.physical_resource_id,
                {"Type": self._name, "Properties": resource.properties},
                account,
                region,
            )
        elif hasattr(resource.handle, "delete"):
            resource.handle.delete(account, region)

    def attribute(self, resource: Resource, name: str) -> Any:
        """Return the attribute of moto's object."""
        if resource.handle is None:
            return self._inert.attribute(resource, name)
        if (self._name, name) in _ATTRIBUTES:
            return _ATTRIBUTES[self._name, name](resource.physical_resource_id)
        try:
            return resource.handle.get_cfn_attribute(name)
        except Exception as error:  # noqa: BLE001 - moto has several for one that it does not know
            log.info("moto has no attribute %s of %s: %r", name, self._name, error)
        if name == "Arn" and (arn := _arn(resource)) is not None:
            return arn
        value = self._inert.attribute(resource, name)
        assumptions.note(f"{self._name} `{resource.logical_resource_id}`: {name} is `{value}`")
        return value

    def _name_property(self) -> str | None:
        return self._model.cloudformation_name_type() or None

    def _resource_name(self, context: Context, properties: Properties) -> str:
        name = properties.get(self._name_property() or "")
        return name or context.generated_name(self._name)
