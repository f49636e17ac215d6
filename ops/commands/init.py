"""`ops init`: the first `ops.yml` files of a workspace."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import click

from ops.base.words import number
from ops.commands import terminal
from ops.commands.options import workspace_option
from ops.copilot.workspace import WorkspaceError, load_workspace
from ops.copilot.workspace.find import find_root, named_after_folder
from ops.scaffold.proposal import Workload, propose
from ops.scaffold.queues import AddonQueue, queues_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ops.copilot.workspace import Workspace


@click.command()
@click.option("-a", "--app", "application", help="The application (default: the workspace's).")
@click.option("--yes", is_flag=True, envvar="OPS_YES", help="Write without asking.")
@workspace_option
def init(application: str | None, yes: bool, workspace: Path | None) -> None:  # noqa: FBT001
    """Propose ops.yml files for a workspace: alarms, events, images, a dashboard.

    They follow from the manifests and addons; open questions are comments. Existing files stay as
    they are. AWS is not asked.
    """
    root = find_root(workspace)
    loaded = load_workspace(root, application or named_after_folder(root))
    if loaded.unreadable:
        raise WorkspaceError(loaded.unreadable)
    files = _proposed(loaded)
    existing = [path for path in files if (root / path).exists()]
    for path in existing:
        click.echo(f"{path} exists and stays as it is.")
    missing = {path: text for path, text in files.items() if path not in existing}
    if not missing:
        return
    for path, text in missing.items():
        click.echo(
            "".join(difflib.unified_diff([], text.splitlines(keepends=True), "/dev/null", path))
        )
    if not yes:
        terminal.ask(f"Write {number(len(missing), 'file')}?")
    for path, text in missing.items():
        with (root / path).open("x") as file:  # never over a file that has come meanwhile
            file.write(text)
    click.echo(f"Wrote {', '.join(missing)}.\n{_next_steps(loaded.environments)}")


def _next_steps(environments: Sequence[str]) -> str:
    """Return the next commands, with an account and without one."""
    option = f" --env {environments[0]}" if environments else ""
    return (
        f"Next: `ops check`, then `ops plan{option}`. Without an AWS account: "
        f"`ops local up{option}`, and in another terminal `ops local run -- ops plan{option}`."
    )


def _proposed(workspace: Workspace) -> dict[str, str]:
    workloads = [
        Workload(
            service.name,
            service.type,
            service.manifest,
            {name: service.manifest_in(name) for name in workspace.environments},
        )
        for service in workspace.services
    ]
    return propose(workspace.application, workspace.environments, workloads, _queues(workspace))


def _queues(workspace: Workspace) -> list[AddonQueue]:
    copilot = workspace.root / "copilot"
    paths = sorted([*copilot.glob("*/addons/*.yml"), *copilot.glob("*/addons/*.yaml")])
    return [queue for path in paths for queue in queues_of(path.read_text(errors="replace"))]
