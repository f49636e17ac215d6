"""Secrets and parameters, created with the API: moto's models give a generated secret no value.

Where `ops local` has put a placeholder under the same name, the template's own value replaces it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ops.aws.client import code_of
from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType
from ops.local.cloudformation.resources.shapes import call
from ops.local.cloudformation.template import as_text

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource

PLACEHOLDER_TAG = {"Key": "ops-local", "Value": "placeholder"}
"""Marks what `ops local` has created because a manifest names it and nobody has its value."""


class Secret(ResourceType):
    """AWS::SecretsManager::Secret, with its text or a generated one."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the secret with its value."""
        client = context.world.client("secretsmanager")
        name = properties.get("Name") or context.generated_name("AWS::SecretsManager::Secret")
        if _is_placeholder_secret(client, name):
            client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        value = {"Name": name, "SecretString": _value(client, properties)}
        arn = call(client, "create_secret", properties | value)["ARN"]
        return Made(arn, {"Id": arn})

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Change text and description in place; replace the secret if its name differs."""
        if properties.get("Name") != resource.properties.get("Name"):
            return None
        client, arn = context.world.client("secretsmanager"), resource.physical_resource_id
        changed = {"SecretId": arn, "Description": as_text(properties.get("Description", ""))}
        if "SecretString" in properties:
            changed["SecretString"] = as_text(properties["SecretString"])
        client.update_secret(**changed)
        return Made(arn, resource.attributes)

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the secret at once: a stack of the same name may be created next."""
        context.world.client("secretsmanager").delete_secret(
            SecretId=resource.physical_resource_id, ForceDeleteWithoutRecovery=True
        )


class Parameter(ResourceType):
    """AWS::SSM::Parameter."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the parameter, over a placeholder of its name."""
        client = context.world.client("ssm")
        name = properties.get("Name") or context.generated_name("AWS::SSM::Parameter")
        if _is_placeholder_parameter(client, name):
            client.delete_parameter(Name=name)
        call(client, "put_parameter", properties | {"Name": name, "Tags": _tags(properties)})
        return Made(name, {"Type": properties["Type"], "Value": as_text(properties["Value"])})

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Change value and tags in place; replace the parameter if its name differs."""
        if properties.get("Name") != resource.properties.get("Name"):
            return None
        name = resource.physical_resource_id
        given = {key: value for key, value in properties.items() if key != "Tags"}
        client = context.world.client("ssm")
        call(client, "put_parameter", given | {"Name": name, "Overwrite": True})
        tags = _tags(properties)
        client.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=tags)
        return Made(name, {"Type": properties["Type"], "Value": as_text(properties["Value"])})

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the parameter."""
        context.world.client("ssm").delete_parameter(Name=resource.physical_resource_id)


def _tags(properties: Properties) -> list[dict[str, str]]:
    """Return a parameter's tags, which a template writes as a map, in the form of the API."""
    return [{"Key": k, "Value": as_text(v)} for k, v in (properties.get("Tags") or {}).items()]


def _value(client: Any, properties: Properties) -> str:
    """Return the text of a secret: its own, or a generated one in its template's field."""
    generate = properties.get("GenerateSecretString")
    if generate is None:
        return as_text(properties.get("SecretString", ""))
    password = call(client, "get_random_password", generate)["RandomPassword"]
    key = generate.get("GenerateStringKey")
    if not key:
        return str(password)
    return json.dumps(json.loads(generate.get("SecretStringTemplate") or "{}") | {key: password})


def _is_placeholder_secret(client: Any, name: str) -> bool:
    try:
        tags = client.describe_secret(SecretId=name).get("Tags", ())
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return False
    return PLACEHOLDER_TAG in tags


def _is_placeholder_parameter(client: Any, name: str) -> bool:
    try:
        client.get_parameter(Name=name)
    except ClientError as error:
        if code_of(error) != "ParameterNotFound":
            raise
        return False
    tags = client.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    return PLACEHOLDER_TAG in tags


TYPES: dict[str, ResourceType] = {
    "AWS::SSM::Parameter": Parameter(),
    "AWS::SecretsManager::Secret": Secret(),
}
