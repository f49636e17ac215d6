"""AWS::SecretsManager::SecretTargetAttachment: a secret gets what connects to its database.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secrettargetattachment.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ops.aws.client import code_of
from ops.local import assumptions
from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource

# The fields are those of
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
_IDENTIFIERS = {
    "AWS::DocDB::DBCluster": "dbClusterIdentifier",
    "AWS::DocDB::DBInstance": "dbInstanceIdentifier",
    "AWS::RDS::DBCluster": "dbClusterIdentifier",
    "AWS::RDS::DBInstance": "dbInstanceIdentifier",
}
# The secret names the engine without Aurora; the port is the engine's if the database names none.
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
_PORTS = {
    "docdb": 27017,
    "mariadb": 3306,
    "mysql": 3306,
    "oracle": 1521,
    "postgres": 5432,
    "redshift": 5439,
    "sqlserver": 1433,
}


class Attachment(ResourceType):
    """The link of a secret and a database."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Add the database's address to the secret, if that is a JSON object."""
        client = context.world.client("secretsmanager")
        try:
            secret = client.get_secret_value(SecretId=properties["SecretId"])
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            name = str(properties["SecretId"])  # of the account, as a parameter names it
            assumptions.note(f"the secret {name} has the address of its database")
            return Made(name, {"Id": name})
        fields = _fields(secret.get("SecretString", ""))
        if fields is not None:
            database = _database(context, str(properties["TargetId"]))
            fields |= _connection(str(properties["TargetType"]), database)
            client.put_secret_value(SecretId=secret["ARN"], SecretString=json.dumps(fields))
        return Made(secret["ARN"], {"Id": secret["ARN"]})

    def update(self, context: Context, _resource: Resource, properties: Properties) -> Made:
        """Write the address of the new database."""
        return self.create(context, properties)

    def delete(self, _context: Context, _resource: Resource) -> None:
        """Leave the secret as it is."""


def _fields(text: str) -> dict[str, Any] | None:
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


def _database(context: Context, name: str) -> Resource | None:
    resources = (r for stack in context.world.stacks() for r in list(stack.resources.values()))
    return next((r for r in resources if r.physical_resource_id == name), None)


def _connection(type_name: str, database: Resource | None) -> dict[str, Any]:
    """Return the fields of a database; nothing for one of another account or stack."""
    if database is None:
        return {}
    declared = database.properties
    engine = str(declared.get("Engine") or type_name.split("::")[1].lower())
    engine = engine.removeprefix("aurora-").replace("postgresql", "postgres").partition("-")[0]
    engine = "mysql" if engine == "aurora" else engine  # Aurora MySQL 5.6
    fields: dict[str, Any] = {
        "engine": engine,
        "host": database.attributes.get("Host", database.physical_resource_id),
        "port": int(declared.get("Port") or _PORTS.get(engine, 0)),
    }
    if name := declared.get("DatabaseName") or declared.get("DBName"):
        fields["dbname"] = name
    if type_name in _IDENTIFIERS:
        fields[_IDENTIFIERS[type_name]] = database.physical_resource_id
    return fields


TYPES: dict[str, ResourceType] = {"AWS::SecretsManager::SecretTargetAttachment": Attachment()}
