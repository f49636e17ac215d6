"""A secret that is attached to a database holds its address."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ops.local import assumptions
from tests.local.stacks import Stacks, Template, template

GENERATED = {"SecretStringTemplate": '{"username": "shop"}', "GenerateStringKey": "password"}


def declared(name: str, kind: str, secret_id: Any, **database: Any) -> Template:  # noqa: ANN401
    return template(
        {
            "Secret": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {"Name": name, "GenerateSecretString": GENERATED},
            },
            "Database": {"Type": kind, "Properties": database},
            "Attachment": {
                "Type": "AWS::SecretsManager::SecretTargetAttachment",
                "Properties": {
                    "SecretId": secret_id,
                    "TargetId": {"Ref": "Database"},
                    "TargetType": kind,
                },
            },
        }
    )


@pytest.mark.parametrize(
    ("kind", "database", "expected"),
    [
        (
            "AWS::RDS::DBCluster",
            {"Engine": "aurora-postgresql", "DatabaseName": "orders"},
            {"engine": "postgres", "port": 5432, "dbname": "orders"},
        ),
        (
            "AWS::RDS::DBInstance",
            {"Engine": "mysql", "Port": "3307", "DBInstanceIdentifier": "shop-db"},
            {"engine": "mysql", "port": 3307, "dbInstanceIdentifier": "shop-db"},
        ),
        ("AWS::DocDB::DBCluster", {}, {"engine": "docdb", "port": 27017}),
    ],
)
def test_a_secret_gets_the_address_of_its_database(
    stacks: Stacks,
    name: str,
    kind: str,
    database: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    stacks.create(name, declared(name, kind, {"Ref": "Secret"}, **database))
    secret = stacks.client("secretsmanager").get_secret_value(SecretId=name)
    fields = json.loads(secret["SecretString"])
    assert fields.items() >= expected.items()
    assert fields["username"] == "shop"
    assert fields["password"]
    assert fields["host"].endswith(".local")
    assert ("dbname" in fields) == ("DatabaseName" in database)
    assert stacks.delete(name)["StackStatus"] == "DELETE_COMPLETE"


def test_a_secret_of_the_account_is_assumed_to_have_it(stacks: Stacks, name: str) -> None:
    assumptions.take()
    stacks.create(name, declared(name, "AWS::RDS::DBCluster", "of-the-account"))
    assert "the secret of-the-account has the address of its database" in assumptions.take()
