"""The workloads that `ops local` runs, and what is left of a failed sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.copilot.workload import SERVICES, TYPES

if TYPE_CHECKING:
    from ops.copilot.workspace import Service, Workspace


def workloads(workspace: Workspace) -> list[Service]:
    """Return every workload that Copilot deploys."""
    return [service for service in workspace.services if service.type in TYPES]


def deployed(workspace: Workspace) -> list[Service]:
    """Return the services of ECS, which have tasks."""
    return [service for service in workspace.services if service.type in SERVICES]
