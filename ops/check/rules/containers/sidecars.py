"""Sidecars: their names, and the volumes that they mount."""

import re
from collections.abc import Iterator

from ops.check.files.patches import Overrides, overrides_of
from ops.check.finding import Hit, Severity
from ops.check.manifest.containers import FIRELENS, containers, name_of
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, listed, mapping
from ops.copilot.workload import FARGATE
from ops.copilot.workspace.problems import did_you_mean

_DEFINITION = (
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"
)
_VOLUMES = "/Resources/TaskDefinition/Properties/Volumes"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,255}", re.ASCII)


@rule(Severity.ERROR, _DEFINITION)
def sidecar_name(subject: Subject) -> Iterator[Hit]:
    """A sidecar's name is not allowed, or another container has it.

    Why: The deployment fails: ECS refuses the task definition. The main container has the service's
    name, the log router is `firelens_log_router`.

    Fix: Rename the sidecar: up to 255 letters, digits, hyphens and underscores.
    """
    for variant in subject.variants(*FARGATE):
        taken = {name_of(variant)}
        taken |= {FIRELENS} if dig(variant.data, "logging", "image") is not None else set()
        for name in mapping(dig(variant.data, "sidecars")):
            if name in taken:
                message = f"the task has another container `{name}`"
                yield variant.hit(("sidecars", name), message)
            elif not _NAME.fullmatch(name) and "$" not in name:
                yield variant.hit(("sidecars", name), f"`{name}` is not valid for a container")


@rule(
    Severity.ERROR, "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MountPoint.html"
)
def volume_undeclared(subject: Subject) -> Iterator[Hit]:
    """A sidecar mounts a volume that the manifest does not declare.

    Why: The deployment fails: ECS refuses the task definition.

    Fix: Declare the volume in `storage.volumes`, or correct `source_volume`.
    """
    for variant in subject.variants(*FARGATE):
        if _sets_volumes(overrides_of(subject, variant.workload)):
            continue
        volumes = list(mapping(dig(variant.data, "storage", "volumes")))
        for container in containers(variant).values():
            at = (*map(str, container.at), "mount_points")
            for place, mount in listed(at, dig(variant.data, *at)):
                name = dig(mount, "source_volume")
                if isinstance(name, str) and name and name not in volumes and "$" not in name:
                    hint = f"; {did_you_mean(name, volumes)}" if volumes else ""
                    message = f"there is no volume `{name}`{hint}"
                    yield variant.hit((*place, "source_volume"), message)


def _sets_volumes(overrides: Overrides) -> bool:
    """Return whether patches or a CDK program may declare volumes of the task definition."""
    paths = [operation.path for operation in overrides.operations]
    return overrides.program is not None or any(
        path.startswith(_VOLUMES) or _VOLUMES.startswith(path) for path in paths
    )
