"""Building and pushing the image of this commit, as `ops images build` and `push` do."""

from pathlib import Path

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.copilot.workspace import Workspace
from ops.kinds.images import release
from ops.kinds.images.source import read_source
from ops.kinds.images.stored.remote import Stored
from ops.plan.survey.places import application_place
from ops.release.decisions.platforms import DEFAULT, platform_of


def tag_of_commit(root: Path) -> str:
    """Return the tag of this commit's image. Raise OpsError if the working tree differs from it."""
    return read_source(root).tag


def build_and_push(workspace: Workspace, environment: str, aws: Aws, repository: str) -> None:
    """Build this commit, and push it. Raise OpsError if an image in use would expire."""
    stored = Stored(aws)
    declared = getattr(workspace.settings(), "images", None)
    if declared is None or repository not in declared.root:
        raise OpsError(
            f"copilot/ops.yml declares no repository `{repository}`, so ops does not build for it",
            "Declare it under `images`, or build and push yourself and pass --tag.",
        )
    prepared = release.prepare(stored, read_source(workspace.root), repository, None)
    release.build(prepared, workspace.root / "Dockerfile", _platform(workspace, environment))
    place = application_place(workspace, environment)
    release.check_room(prepared, stored, declared.root[repository].keep, aws, place)
    release.push(prepared, stored)


def _platform(workspace: Workspace, environment: str) -> str:
    """Return the platform of the manifests, as engines name it: `linux/arm64`.

    Raise OpsError if the manifests have different platforms.
    """
    named = {platform_of(workload.manifest_in(environment)) for workload in workspace.services}
    if len(named) > 1:
        raise OpsError(
            f"The workloads need images for different platforms: {', '.join(sorted(named))}",
            "Build and push one for all of them, and pass --tag.",
        )
    return next(iter(named), DEFAULT)
