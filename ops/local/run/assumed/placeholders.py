"""Values for the variables of manifests that neither the shell nor `copilot/ops.yml` has.

A pipeline or a colleague's shell has them. Each becomes a placeholder that fits its field.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from ops.local.endpoint.server import ACCOUNT
from ops.local.run.assumed.filled import environment_manifest
from ops.local.run.preflight import workloads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.copilot.workspace import Workspace

# aws/copilot-cli, internal/pkg/manifest/interpolate.go
_VARIABLE = re.compile(r"(?<!\\)\$\{([A-Za-z_]\w*)\}")
# Variables that Copilot itself defines:
# https://aws.github.io/copilot-cli/docs/developing/manifest-env-var/#predefined-variables
_PREDEFINED = ("COPILOT_APPLICATION_NAME", "COPILOT_ENVIRONMENT_NAME")
# Fields that Copilot reads as a number, with a number that Fargate accepts.
_NUMBERS = {"count": "1", "cpu": "256", "memory": "512", "port": "8080", "target_port": "8080"}
# Fields with identifiers, of which each variable needs its own: two subnets are never one. Copilot
# parses the ARN of a certificate, and takes that of a CDN from us-east-1 alone.
_CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/{{}}"
_IDENTIFIERS = {
    "certificate": _CERTIFICATE,
    "certificates": _CERTIFICATE,
    "vpc": "vpc-{}",
    "public": "subnet-{}",
    "private": "subnet-{}",
    "subnets": "subnet-{}",
    "security_groups": "sg-{}",
}
_WORD = "placeholder"
_DOMAIN = "placeholder.example.org"


def placeholders(
    workspace: Workspace, environment: str, known: Mapping[str, str]
) -> dict[str, str]:
    """Return a value for each variable of the manifests that is not in `known`."""
    values: dict[str, str] = {}
    manifests = [service.manifest_in(environment) for service in workloads(workspace)]
    for manifest in (*manifests, environment_manifest(workspace, environment, {})):
        for key, name, is_all in _variables("", manifest):
            if name not in known and name not in _PREDEFINED:
                values.setdefault(name, _value(key, name, is_all=is_all))
    return values


def _value(key: str, name: str, *, is_all: bool) -> str:
    """Return a value that fits a field; `is_all` says that the variable is all of its text."""
    if key in _IDENTIFIERS:
        return _IDENTIFIERS[key].format(hashlib.sha256(name.encode()).hexdigest()[:8])
    if key == "alias" and is_all:
        return _DOMAIN
    return _NUMBERS.get(key, _WORD)


def _variables(key: str, value: Any) -> Iterator[tuple[str, str, bool]]:
    """Yield the key of each field with a variable, the variable's name, and whether it is all.

    An `id` has the key of the section that it identifies.
    """
    if isinstance(value, dict):
        for inner, item in value.items():
            yield from _variables(key if inner == "id" else str(inner), item)
    elif isinstance(value, list):
        for item in value:
            yield from _variables(key, item)
    elif isinstance(value, str):
        for match in _VARIABLE.finditer(value):
            yield key, match[1], match[0] == value
