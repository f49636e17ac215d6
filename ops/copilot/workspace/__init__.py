"""A reader of Copilot workspaces: `load_workspace(path)`, then `.settings(environment)`."""

from ops.copilot.workspace.problems import Problem, WorkspaceError
from ops.copilot.workspace.settings import (
    ApplicationSettings,
    Companion,
    Load,
    Local,
    NamedLoad,
    Release,
    ServiceSettings,
    Settings,
)
from ops.copilot.workspace.workspace import Service, Workspace, load_workspace

__all__ = [
    "ApplicationSettings",
    "Companion",
    "Load",
    "Local",
    "NamedLoad",
    "Problem",
    "Release",
    "Service",
    "ServiceSettings",
    "Settings",
    "Workspace",
    "WorkspaceError",
    "load_workspace",
]
