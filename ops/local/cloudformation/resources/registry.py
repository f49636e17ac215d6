"""The resource types, by name.

There are three sources, in this order: the types implemented here, because moto's drop properties
or do not exist; Copilot's custom resources; moto's own CloudFormation models. A type in none of
them is recorded without any effect, and logged.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ops.local.cloudformation.resources import api, moto_model
from ops.local.cloudformation.resources.types import (
    app_runner,
    attachments,
    custom,
    ecs,
    elbv2,
    iam,
    kms,
    nested,
    secrets,
    sns,
    sqs,
)

if TYPE_CHECKING:
    from ops.local.cloudformation.resources.base import Properties, ResourceType

# Types whose stack tags AWS passes on, in the form of a list. Source: "Resource tags" in the
# CloudFormation user guide; of these, the ones that a Copilot stack or an addon may hold.
_TAGGED = frozenset(
    f"AWS::{name}"
    for name in (
        "CloudFormation::Stack", "CloudWatch::Alarm", "DynamoDB::Table", "EC2::EIP",
        "EC2::InternetGateway", "EC2::NatGateway", "EC2::RouteTable", "EC2::SecurityGroup",
        "EC2::Subnet", "EC2::VPC", "ECR::Repository", "ECS::Cluster", "ECS::Service",
        "ECS::TaskDefinition", "ElasticLoadBalancingV2::LoadBalancer",
        "ElasticLoadBalancingV2::TargetGroup", "IAM::Role", "KMS::Key", "Lambda::Function",
        "Logs::LogGroup", "S3::Bucket", "SecretsManager::Secret", "SNS::Topic", "SQS::Queue",
    )
)  # fmt: skip

# In the form of a map.
_TAGGED_BY_MAP = frozenset({"AWS::SSM::Parameter"})

_WRITTEN = (
    api.TYPES
    | app_runner.TYPES
    | attachments.TYPES
    | ecs.TYPES
    | elbv2.TYPES
    | iam.TYPES
    | kms.TYPES
    | nested.TYPES
    | secrets.TYPES
    | sns.TYPES
    | sqs.TYPES
)


def with_tags(type_name: str, properties: Properties, stack_tags: dict[str, str]) -> Properties:
    """Return the properties with the stack's tags added, if the type supports tags; its own take
    precedence.
    """
    if not stack_tags:
        return properties
    if type_name in _TAGGED_BY_MAP:
        return properties | {"Tags": stack_tags | (properties.get("Tags") or {})}
    if type_name not in _TAGGED:
        return properties
    own = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    tags = [{"Key": key, "Value": value} for key, value in (stack_tags | own).items()]
    return properties | {"Tags": tags}


@functools.cache
def resource_type(name: str) -> ResourceType:
    """Return the implementation of the type `name`."""
    if name in _WRITTEN:
        return _WRITTEN[name]
    if name.startswith("Custom::"):
        return custom.CustomResource(name)
    return moto_model.resource_type(name)
