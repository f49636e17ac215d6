"""Put the secrets that a workspace's manifests name into the embedded AWS."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.workspace import Service, Workspace


@dataclass(frozen=True)
class Secret:
    """One secret that a service asks for. `key` is a field of a secret that holds JSON."""

    variable: str
    name: str
    in_secrets_manager: bool
    key: str = ""


def named_in(service: Service, environment: str) -> Iterator[Secret]:
    """The secrets of a service that come from a name, not from a stack's export."""
    for variable, source in (service.manifest_in(environment).get("secrets") or {}).items():
        if isinstance(source, str):
            yield Secret(variable, source, in_secrets_manager=False)
        elif isinstance(source, dict) and isinstance(source.get("secretsmanager"), str):
            name, _, rest = source["secretsmanager"].partition(":")
            yield Secret(variable, name, in_secrets_manager=True, key=rest.partition(":")[0])


def seed(
    workspace: Workspace,
    environment: str,
    shell: Mapping[str, str],
    configured: Mapping[str, str],
    client: Any,
) -> list[str]:
    """Create every secret, tagged as Copilot's execution roles ask, and return their names.

    A secret's value is the shell's variable of the name under which tasks see it, or the one in
    `local.secrets` of `copilot/ops.yml`. `client` makes a boto3 client of a service.

    Raises:
        OpsError: neither has a value.
    """
    secrets = {
        secret for service in workspace.services for secret in named_in(service, environment)
    }
    missing = sorted(
        {s.variable for s in secrets if s.variable not in shell and s.variable not in configured}
    )
    if missing:
        raise OpsError(
            f"The manifests name secrets that have no value here: {', '.join(missing)}",
            "Give each one under `local: secrets:` in copilot/ops.yml, or as a variable of "
            "your shell.",
        )
    tags = [
        {"Key": "copilot-application", "Value": workspace.application},
        {"Key": "copilot-environment", "Value": environment},
    ]
    values = {s: shell.get(s.variable, configured.get(s.variable, "")) for s in secrets}
    _put(values, tags, client)
    return sorted({secret.name for secret in secrets})


def _put(values: Mapping[Secret, str], tags: list[dict[str, str]], client: Any) -> None:
    whole: dict[str, str] = {}
    fields: dict[str, dict[str, str]] = {}
    for secret, value in values.items():
        if not secret.in_secrets_manager:
            client("ssm").put_parameter(
                Name=secret.name, Value=value, Type="SecureString", Tags=tags
            )
        elif secret.key:
            fields.setdefault(secret.name, {})[secret.key] = value
        else:
            whole[secret.name] = value
    for name, value in (whole | {n: json.dumps(f) for n, f in fields.items()}).items():
        client("secretsmanager").create_secret(Name=name, SecretString=value, Tags=tags)
