"""IAM roles, created with the API: moto's CloudFormation model drops managed policies and tags."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource


class Role(ResourceType):
    """AWS::IAM::Role."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the role, then attach its policies."""
        client = context.world.client("iam")
        name = properties.get("RoleName") or context.generated_name("AWS::IAM::Role")
        parameters = {
            key: properties[key]
            for key in ("Description", "MaxSessionDuration", "PermissionsBoundary", "Path", "Tags")
            if key in properties
        }
        role = client.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
            **parameters,
        )["Role"]
        _attach(client, name, {}, properties)
        return Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Change trust, policies and tags in place; replace the role if its name or path
        differs.
        """
        for fixed in ("RoleName", "Path"):
            if properties.get(fixed) != resource.properties.get(fixed):
                return None
        client, name = context.world.client("iam"), resource.physical_resource_id
        client.update_assume_role_policy(
            RoleName=name, PolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"])
        )
        if properties.get("Tags"):
            client.tag_role(RoleName=name, Tags=properties["Tags"])
        _attach(client, name, resource.properties, properties)
        return Made(name, resource.attributes)

    def delete(self, context: Context, resource: Resource) -> None:
        """Detach everything from the role, then delete it."""
        client, name = context.world.client("iam"), resource.physical_resource_id
        _attach(client, name, resource.properties, {})
        client.delete_role(RoleName=name)


def _attach(client: Any, name: str, old: Properties, new: Properties) -> None:
    """Set the role's policies to those of `new`; `old` are the previous ones of this stack."""
    managed, had_managed = (set(p.get("ManagedPolicyArns", [])) for p in (new, old))
    for arn in sorted(managed - had_managed):
        client.attach_role_policy(RoleName=name, PolicyArn=arn)
    for arn in sorted(had_managed - managed):
        client.detach_role_policy(RoleName=name, PolicyArn=arn)
    inline, had_inline = (
        {policy["PolicyName"]: policy["PolicyDocument"] for policy in p.get("Policies", [])}
        for p in (new, old)
    )
    for policy, document in inline.items():
        client.put_role_policy(
            RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document)
        )
    for policy in had_inline.keys() - inline.keys():
        client.delete_role_policy(RoleName=name, PolicyName=policy)


TYPES: dict[str, ResourceType] = {"AWS::IAM::Role": Role()}
