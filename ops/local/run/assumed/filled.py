"""Manifests with their variables filled in, as Copilot reads them.

https://aws.github.io/copilot-cli/docs/developing/manifest-env-var/
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ops.copilot.workspace.document import read_document
from ops.copilot.workspace.interpolation import interpolate
from ops.copilot.workspace.merge import for_environment
from ops.copilot.workspace.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.copilot.workspace import Workspace
    from ops.copilot.workspace.document import Document


def fill(workspace: Workspace, environment: str, variables: Mapping[str, str]) -> Workspace:
    """Return the workspace with the variables of its workloads' manifests filled in."""
    known = _with_predefined(workspace, environment, variables)
    services = tuple(
        dataclasses.replace(service, document=_filled(service.document, known))
        for service in workspace.services
    )
    return dataclasses.replace(workspace, services=services)


def environment_manifest(
    workspace: Workspace, environment: str, variables: Mapping[str, str]
) -> dict[str, Any]:
    """Return the manifest of an environment; empty if the file does not exist."""
    path = workspace.root / "copilot" / "environments" / environment / "manifest.yml"
    if not path.is_file():
        return {}
    document = read_document(path, path.relative_to(workspace.root))
    known = _with_predefined(workspace, environment, variables)
    manifest = plain(for_environment(_filled(document, known), environment).root)
    return manifest if isinstance(manifest, dict) else {}


def _with_predefined(
    workspace: Workspace, environment: str, variables: Mapping[str, str]
) -> dict[str, str]:
    return {
        **variables,
        "COPILOT_APPLICATION_NAME": workspace.application,
        "COPILOT_ENVIRONMENT_NAME": environment,
    }


def _filled(document: Document, known: Mapping[str, str]) -> Document:
    """Return the document; variables that are not known stay as written."""
    fields = frozenset(str(key.value) for key, _ in document.root.value)
    return interpolate(document, known, leave=fields)
