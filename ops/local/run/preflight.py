"""The conditions for running a workspace on a laptop, checked before anything starts.

Images are not run (`ops.local.fargate`): the command inside an image is unknown, and there is no
Docker to build one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.base.errors import OpsError
from ops.copilot.workload import SERVICES
from ops.copilot.workspace.merge import for_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ops.copilot.workspace import Problem, Service, Workspace

_BUILT = "Copilot would build it with Docker"
_NONE = "is missing, and ops cannot read the one in the image"
_WAY_OUT = """\
Give each container a command and an image that is not built; the image is not pulled. To leave \
the other environments unchanged, set them for an environment of the laptop's own:
    environments:
      laptop:
        image: {location: local}
        command: [python, -m, NAME]
then run `ops local up --env laptop`. For a sidecar, set them under `sidecars: NAME:`"""


def deployed(workspace: Workspace) -> list[Service]:
    """Return the services that `ops local` deploys: those of ECS."""
    return [service for service in workspace.services if service.type in SERVICES]


def left_out(workspace: Workspace) -> list[Service]:
    """Return the workloads that nothing would run here: jobs, App Runner's and static sites."""
    return [service for service in workspace.services if service.type not in SERVICES]


def is_of_left_out(workspace: Workspace, said: str) -> bool:
    """Return whether all errors of a failed sync are about jobs that were left out."""
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    expected = [f" `{each.name}` is not deployed to " for each in left_out(workspace)]
    return bool(errors) and all(any(each in line for each in expected) for line in errors)


def check_runs(workspace: Workspace, environment: str) -> None:
    """Raise OpsError, with file, line and field, for containers that cannot run as a process.

    The environment's overrides are applied.
    """
    found = [
        problem
        for service in deployed(workspace)
        for problem in _problems(workspace.root, service, environment)
    ]
    if found:
        lines = "\n".join(f"  {problem}" for problem in found)
        raise OpsError(f"`ops local` runs commands, not images:\n{lines}\n{_WAY_OUT}")


def _problems(root: Path, service: Service, environment: str) -> Iterator[Problem]:
    document = for_environment(service.document, environment)
    manifest = service.manifest_in(environment)
    containers: dict[tuple[str, ...], Any] = {(): manifest}
    if isinstance(sidecars := manifest.get("sidecars"), dict):
        containers |= {("sidecars", str(name)): each for name, each in sidecars.items()}
    is_patched = _may_set_commands(root, service.name, manifest)
    for at, container in containers.items():
        given = container if isinstance(container, dict) else {}
        image = given.get("image")
        if isinstance(image, dict) and image.get("build"):
            yield document.problem((*at, "image", "build"), _BUILT)
        if not (given.get("command") or given.get("entrypoint") or is_patched):
            yield document.problem((*at, "command"), _NONE)


def _may_set_commands(root: Path, service: str, manifest: dict[str, Any]) -> bool:
    """Return whether a template override mentions commands; then only the task itself shows
    them.
    """
    overrides = [str(manifest.get("taskdef_overrides") or "")]
    directory = root / "copilot" / service / "overrides"
    patches = [*directory.glob("*.yml"), *directory.glob("*.ts")]  # YAML patches, or the CDK
    texts = [*overrides, *(path.read_text(errors="replace") for path in patches)]
    return any(word in text for text in texts for word in ("Command", "EntryPoint"))
