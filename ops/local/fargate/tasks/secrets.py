"""The secrets of a container, read once when its task starts.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ops.local.fargate.errors import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ops.local.fargate.clients import Clients

FROM_ASM = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve secret from asm: service call has been retried "
    "1 time(s): "
)
FROM_SSM = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve secrets from ssm: service call has been retried "
    "1 time(s): "
)
"""How ECS begins the `stoppedReason` of a task whose secrets it cannot read."""


@dataclass(frozen=True)
class SecretReference:
    """`arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME[:JSON-KEY:STAGE:VERSION]`."""

    secret: str
    json_key: str = ""
    stage: str = ""
    version: str = ""

    @classmethod
    def parse(cls, value: str) -> SecretReference:
        """Parse a `valueFrom`."""
        parts = value.split(":")
        key, stage, version = (*parts[7:10], "", "", "")[:3]
        return cls(":".join(parts[:7]), key, stage, version)


def resolve(secrets: Iterable[Mapping[str, Any]], clients: Clients) -> dict[str, str]:
    """Return the value of each secret of a container definition by its variable's name.

    Raise Failure, with ECS's message, if one cannot be read.
    """
    return {secret["name"]: _value(str(secret["valueFrom"]), clients) for secret in secrets}


def _value(value_from: str, clients: Clients) -> str:
    if value_from.split(":")[2:3] == ["secretsmanager"]:
        return _from_secrets_manager(SecretReference.parse(value_from), clients)
    return _from_parameter_store(value_from, clients)


def _from_secrets_manager(reference: SecretReference, clients: Clients) -> str:
    version = {"VersionStage": reference.stage, "VersionId": reference.version}
    try:
        secret = clients.secretsmanager.get_secret_value(
            SecretId=reference.secret, **{k: v for k, v in version.items() if v}
        )["SecretString"]
    except ClientError as error:
        raise Failure(
            f"{FROM_ASM}failed to fetch secret {reference.secret} from secrets manager: "
            f"{_error_text(error)}"
        ) from error
    if not reference.json_key:
        return secret
    try:
        fields = json.loads(secret)[reference.json_key]
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(
            f"{FROM_ASM}retrieved secret from Secrets Manager did not contain json key "
            f"{reference.json_key} ({reference.secret})"
        ) from error
    return fields if isinstance(fields, str) else json.dumps(fields)


def _from_parameter_store(value_from: str, clients: Clients) -> str:
    name = value_from
    if value_from.startswith("arn:"):
        # The slash that begins a hierarchical name is the ARN's own; only a plain name has none.
        path = value_from.split(":parameter/", 1)[-1]
        name = f"/{path}" if "/" in path else path
    try:
        parameter = clients.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    except ClientError as error:
        raise Failure(f"{FROM_SSM}invalid parameters: {name}: {_error_text(error)}") from error
    return parameter["Value"]


def _error_text(error: ClientError) -> str:
    return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
