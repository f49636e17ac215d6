"""Creation of the secrets that a workspace names in the embedded AWS: in manifests, and in the task
definitions of patches, CDK programs and addons.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from moto.secretsmanager.models import secretsmanager_backends
from moto.utilities.id_generator import TAG_KEY_CUSTOM_ID

from ops.copilot.secret_names import complete, is_ambiguous
from ops.local import assumptions
from ops.local.cloudformation.resources.types.secrets import PLACEHOLDER_TAG
from ops.local.endpoint.server import ACCOUNT
from ops.local.run.assumed.templates import mentioned
from ops.local.run.preflight import workloads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ops.copilot.workspace import Service, Workspace

_PLACEHOLDER = "placeholder"
_SECRET_ARN = re.compile(r"(arn:[\w-]+:secretsmanager:[\w-]*:\d*:secret:([^:]+))(?::([^:]*).*)?")
_PARAMETER_ARN = re.compile(r"arn:[\w-]+:ssm:[\w-]*:\d*:parameter/(.+)")
# `ValueFrom: name` in YAML or JSON, `valueFrom: "name"` in a CDK program.
_VALUE_FROM = re.compile(
    r"""\b[Vv]alueFrom["']?:\s*(?:!Sub\s+)?["']?((?:\$\{[\w:]+\}|[\w./:@+=-])+)"""
)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PARAMETER = re.compile(r"\$\{([\w:]+)\}")


@dataclass(frozen=True)
class Secret:
    """One secret of a service. `key` is a field of a JSON secret, `arn` how a manifest names it."""

    variable: str
    name: str
    in_secrets_manager: bool
    key: str = ""
    arn: str = ""


def named_in(service: Service, environment: str, variables: Mapping[str, str]) -> Iterator[Secret]:
    """Return the secrets of a service and its sidecars that have a name, not a stack's export.

    `${…}` in a name is one of `variables`, as in Copilot.
    """

    def filled(text: str) -> str:
        return _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), text)

    manifest = service.manifest_in(environment)
    for container in (manifest, *(manifest.get("sidecars") or {}).values()):
        for variable, source in (container.get("secrets") or {}).items():
            if isinstance(source, str):
                yield _named(variable, filled(source))
            elif isinstance(source, dict) and isinstance(source.get("secretsmanager"), str):
                name, _, rest = filled(source["secretsmanager"]).partition(":")
                yield Secret(variable, name, in_secrets_manager=True, key=rest.partition(":")[0])


def _named(variable: str, source: str) -> Secret:
    """Return the secret that a text names: a parameter, or the ARN of a parameter or secret.

    Copilot writes the text into the template unchanged, so YAML interprets quotes in it.
    https://aws.github.io/copilot-cli/docs/manifest/backend-service/#secrets
    """
    text = source.strip().strip("'\"")
    if match := _SECRET_ARN.fullmatch(text):
        return Secret(variable, match[2], in_secrets_manager=True, key=match[3] or "", arn=match[1])
    if match := _PARAMETER_ARN.fullmatch(text):
        # The slash before a plain name is the ARN's own, as in `ops.local.fargate.tasks.secrets`.
        text = f"/{match[1]}" if "/" in match[1] else match[1]
    return Secret(variable, text, in_secrets_manager=False)


def seed(
    workspace: Workspace,
    environment: str,
    shell: Mapping[str, str],
    configured: Mapping[str, str],
    client: Any,
) -> list[str]:
    """Create every secret, with the tags that Copilot's execution roles require, and return their
    names.

    The value is the shell variable with the name that tasks see, or the one in `local.secrets` of
    `copilot/ops.yml`. `client` creates a boto3 client of a service.

    Without either it is a placeholder, which is noted as an assumption.
    """
    region = client("ssm").meta.region_name
    secrets = _all_named(workspace, environment, shell, region)
    unknown = {s for s in secrets if s.variable not in {*shell, *configured}}
    if names := sorted({s.variable for s in unknown}):
        subject = f"the secret {names[0]} is" if len(names) == 1 else f"{_listed(names)} are"
        assumptions.note(
            f"{subject} `{_PLACEHOLDER}`: neither `local: secrets:` in copilot/ops.yml nor the "
            "shell has a value"
        )
    tags = [
        {"Key": "copilot-application", "Value": workspace.application},
        {"Key": "copilot-environment", "Value": environment},
    ]
    values = {s: shell.get(s.variable, configured.get(s.variable, _PLACEHOLDER)) for s in secrets}
    placeholders = {s.name for s in unknown}

    def tags_of(name: str) -> list[dict[str, str]]:
        return [*tags, PLACEHOLDER_TAG] if name in placeholders else tags

    _put(values, tags_of, client)
    return sorted({secret.name for secret in secrets})


def _listed(names: list[str]) -> str:
    return f"the secrets {', '.join(names[:-1])} and {names[-1]}"


def _all_named(
    workspace: Workspace, environment: str, shell: Mapping[str, str], region: str
) -> set[Secret]:
    predefined = {
        "COPILOT_APPLICATION_NAME": workspace.application,
        "COPILOT_ENVIRONMENT_NAME": environment,
    }
    named = {
        secret
        for service in workloads(workspace)
        for secret in named_in(service, environment, {**shell, **predefined})
    }
    known = {secret.name for secret in named}
    in_templates = _in_templates(workspace, environment, region)
    return named | {secret for secret in in_templates if secret.name not in known}


def _in_templates(workspace: Workspace, environment: str, region: str) -> Iterator[Secret]:
    """Yield the secrets of task definitions in patches, CDK programs and addons."""
    app, env = workspace.application, environment
    parameters = {"App": app, "AppName": app, "Env": env, "EnvName": env}
    parameters |= {"AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::Region": region}
    for source in mentioned(workspace, _VALUE_FROM):
        name = _PARAMETER.sub(lambda match: parameters.get(match[1], match[0]), source)
        if "${" not in name:
            secret = _named("", name)
            yield replace(secret, variable=secret.name)


def _put(
    values: Mapping[Secret, str], tags_of: Callable[[str], list[dict[str, str]]], client: Any
) -> None:
    parameters: dict[str, str] = {}
    whole: dict[str, str] = {}
    fields: dict[str, dict[str, str]] = {}
    for secret, value in values.items():
        if not secret.in_secrets_manager:
            parameters[secret.name] = value
        elif secret.key:
            fields.setdefault(secret.name, {})[secret.key] = value
        else:
            whole[secret.name] = value
    for name, value in parameters.items():
        client("ssm").put_parameter(Name=name, Value=value, Type="SecureString", Tags=tags_of(name))
    arns = {secret.name: secret.arn for secret in values if secret.arn}
    for name, value in (whole | {n: json.dumps(f) for n, f in fields.items()}).items():
        arn = _create_secret(client("secretsmanager"), name, value, tags_of(name))
        if name in arns:
            _name_by_arn(client("secretsmanager").meta.region_name, arn, arns[name])


def _name_by_arn(region: str, created: str, arn: str) -> None:
    """Give a secret the ARN by which a manifest names it, which may be another account's."""
    stored: Any = secretsmanager_backends[ACCOUNT][region].secrets
    stored[created].arn = arn


def _create_secret(client: Any, name: str, value: str, tags: list[dict[str, str]]) -> str:
    """Create a secret that can be found by its ARN, even if a manifest contains the ARN's random
    characters. Return its name.

    Copilot accepts `db-Yi6mvL` for the secret `db`, and so does AWS. In moto, a tag can set the
    random characters.
    """
    parts = None if is_ambiguous(name) else complete(name)
    if parts is not None:
        name, tags = parts.name, [*tags, {"Key": TAG_KEY_CUSTOM_ID, "Value": parts.suffix}]
    client.create_secret(Name=name, SecretString=value, Tags=tags)
    return name
