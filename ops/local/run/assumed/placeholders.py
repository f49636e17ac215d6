"""Values for the variables of manifests that neither the shell nor `copilot/ops.yml` has.

A pipeline or a colleague's shell has them. Each becomes a placeholder that fits its field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

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
_WORD = "placeholder"


def placeholders(
    workspace: Workspace, environment: str, known: Mapping[str, str]
) -> dict[str, str]:
    """Return a value for each variable of the manifests that is not in `known`."""
    values: dict[str, str] = {}
    for service in workloads(workspace):
        for key, name in _variables("", service.manifest_in(environment)):
            if name not in known and name not in _PREDEFINED:
                values.setdefault(name, _NUMBERS.get(key, _WORD))
    path = workspace.root / "copilot" / "environments" / environment / "manifest.yml"
    text = path.read_text(errors="replace") if path.is_file() else ""
    for name in _VARIABLE.findall(text):
        if name not in known and name not in _PREDEFINED:
            values.setdefault(name, _WORD)
    return values


def _variables(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the name of each variable with the key of its field."""
    if isinstance(value, dict):
        for inner, item in value.items():
            yield from _variables(str(inner), item)
    elif isinstance(value, list):
        for item in value:
            yield from _variables(key, item)
    elif isinstance(value, str):
        yield from ((key, name) for name in _VARIABLE.findall(value))
