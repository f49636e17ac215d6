"""KMS keys, created with the API: moto's CloudFormation model expects another form of tags."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource


class Key(ResourceType):
    """AWS::KMS::Key."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the key."""
        client = context.world.client("kms")
        tags = [
            {"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties.get("Tags", [])
        ]
        given: dict[str, Any] = {"Tags": tags, "Description": properties.get("Description", "")}
        if "KeyPolicy" in properties:
            given["Policy"] = json.dumps(properties["KeyPolicy"])
        key = client.create_key(**given)["KeyMetadata"]
        if properties.get("EnableKeyRotation"):
            client.enable_key_rotation(KeyId=key["KeyId"])
        return Made(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made:
        """Put the new policy."""
        context.world.client("kms").put_key_policy(
            KeyId=resource.physical_resource_id,
            PolicyName="default",
            Policy=json.dumps(properties.get("KeyPolicy", {})),
        )
        return Made(resource.physical_resource_id, resource.attributes)

    def delete(self, context: Context, resource: Resource) -> None:
        """Schedule the deletion of the key, as CloudFormation does."""
        context.world.client("kms").schedule_key_deletion(KeyId=resource.physical_resource_id)


TYPES: dict[str, ResourceType] = {"AWS::KMS::Key": Key()}
