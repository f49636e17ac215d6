"""App Runner services: created and described, never served.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apprunner-service.html
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Any

from ops.local import assumptions
from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource

services: dict[str, dict[str, Any]] = {}
"""The services in the form of DescribeService, by ARN; `ops.local.endpoint.unknown` answers it."""


class Service(ResourceType):
    """AWS::AppRunner::Service."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Record the service as running."""
        world = context.world
        name = properties.get("ServiceName") or context.generated_name("AWS::AppRunner::Service")
        identifier = secrets.token_hex(16)
        arn = f"arn:aws:apprunner:{world.region}:{world.account}:service/{name}/{identifier}"
        attributes = {
            "ServiceArn": arn,
            "ServiceId": identifier,
            "ServiceUrl": f"{identifier[:10]}.{world.region}.awsapprunner.local",
            "Status": "RUNNING",
        }
        now = dt.datetime.now(dt.UTC).timestamp()
        services[arn] = _described(properties) | attributes | {
            "ServiceName": name, "CreatedAt": now, "UpdatedAt": now,
        }  # fmt: skip
        assumptions.note(f"the App Runner service `{name}` is created but not served")
        return Made(arn, attributes)

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made:
        """Record the new settings."""
        service = services[resource.physical_resource_id]
        service |= _described(properties) | {"UpdatedAt": dt.datetime.now(dt.UTC).timestamp()}
        return Made(resource.physical_resource_id, resource.attributes)

    def delete(self, context: Context, resource: Resource) -> None:
        """Forget the service."""
        services.pop(resource.physical_resource_id, None)


def _described(properties: Properties) -> dict[str, Any]:
    """Return the settings in the form of DescribeService."""
    source = dict(properties.get("SourceConfiguration") or {})
    image = dict(source.get("ImageRepository") or {})
    configuration = dict(image.get("ImageConfiguration") or {})
    for name in ("RuntimeEnvironmentVariables", "RuntimeEnvironmentSecrets"):
        pairs = configuration.get(name) or []
        configuration[name] = {pair["Name"]: str(pair["Value"]) for pair in pairs}
    source["ImageRepository"] = image | {"ImageConfiguration": configuration}
    instance = properties.get("InstanceConfiguration") or {}
    return {
        "SourceConfiguration": source,
        "InstanceConfiguration": {key: str(value) for key, value in instance.items()},
        "NetworkConfiguration": properties.get("NetworkConfiguration") or {},
        "AutoScalingConfigurationSummary": {},
    }


TYPES: dict[str, ResourceType] = {"AWS::AppRunner::Service": Service()}
