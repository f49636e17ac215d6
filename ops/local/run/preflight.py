"""The checks before a run: the workloads to run, and leftovers of a failed sync."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.base.errors import OpsError
from ops.copilot.workload import SERVICES, STATIC, TYPES

if TYPE_CHECKING:
    from pathlib import Path

    from ops.copilot.workspace import Service, Workspace


def check_links(root: Path) -> None:
    """Raise OpsError if a link in `copilot/` has no target: Copilot cannot write beneath it."""
    for path in sorted((root / "copilot").iterdir()):
        if path.is_symlink() and not path.exists():
            raise OpsError(
                f"copilot/{path.name} is a link to {path.readlink()}, which does not exist",
                "Check out what it points to, or remove the link.",
            )


def workloads(workspace: Workspace) -> list[Service]:
    """Return every workload that Copilot deploys."""
    return [service for service in workspace.services if service.type in TYPES]


def env_files(workspace: Workspace, environment: str) -> set[str]:
    """Return the paths of `env_file:` of all containers, relative to the workspace."""
    manifests = [service.manifest_in(environment) for service in workloads(workspace)]
    sidecars = [
        sidecar
        for manifest in manifests
        if isinstance(given := manifest.get("sidecars"), dict)
        for sidecar in given.values()
        if isinstance(sidecar, dict)
    ]
    paths = {container.get("env_file") for container in (*manifests, *sidecars)}
    return {path for path in paths if isinstance(path, str) and path}


def static_sources(workspace: Workspace, environment: str) -> set[str]:
    """Return the paths of the files of all static sites, relative to the workspace.

    https://aws.github.io/copilot-cli/docs/manifest/static-site/#files-source
    """
    sites = (service for service in workspace.services if service.type == STATIC)
    lists = (site.manifest_in(environment).get("files") for site in sites)
    files = (item for given in lists if isinstance(given, list) for item in given)
    return {
        str(entry["source"]) for entry in files if isinstance(entry, dict) and entry.get("source")
    }


def subscriptions(service: Service, environment: str) -> list[dict[str, Any]]:
    """Return the topics to which a Worker Service subscribes, as its manifest describes them.

    https://aws.github.io/copilot-cli/docs/manifest/worker-service/#subscribe-topics
    """
    subscribe = service.manifest_in(environment).get("subscribe")
    topics = subscribe.get("topics") if isinstance(subscribe, dict) else None
    return [topic for topic in topics or () if isinstance(topic, dict)]


def deployed(workspace: Workspace) -> list[Service]:
    """Return the services of ECS, which have tasks."""
    return [service for service in workspace.services if service.type in SERVICES]
