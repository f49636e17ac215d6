"""Shell completion from the workspace; it never asks AWS.

https://click.palletsprojects.com/en/stable/shell-completion/
"""

from pathlib import Path

import click

from ops.base.errors import OpsError


def environments(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001  # click's signature
    """Return the environments of the workspace that begin with the incomplete word."""
    names, _ = _names(ctx.params.get("workspace"))
    return [name for name in names if name.startswith(incomplete)]


def services(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the services that begin with the incomplete word and are not on the line yet."""
    _, names = _names(ctx.params.get("workspace"))
    given = ctx.params.get(param.name or "") or ()
    return [name for name in names if name.startswith(incomplete) and name not in given]


def _names(path: Path | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return environments and services; empty lists if no workspace can be read."""
    from ops.copilot.workspace import load_workspace  # noqa: PLC0415  # only at the tab key

    try:
        workspace = load_workspace(path)
    except OpsError:
        return (), ()
    return workspace.environments, tuple(service.name for service in workspace.services)
