"""The deployed services that an on-call command is about.

On call, half an answer is better than none: a service that cannot be found, or whose `ops.yml`
has a mistake, becomes a problem and hides no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ops.aws import Aws
from ops.errors import OpsError
from ops.place import ServicePlace
from ops.stacks import read_stacks
from ops.workload import Queue, Workload
from ops.workspace import Service, Workspace, WorkspaceError, load_workspace
from ops.workspace.problems import did_you_mean

# The types whose stacks hold an ECS service that runs all the time.
# https://aws.github.io/copilot-cli/docs/concepts/services/
_ALWAYS_ON = ("Load Balanced Web Service", "Backend Service", "Worker Service")


@dataclass(frozen=True)
class Deployed:
    """Services of one environment, in the workspace's order, and what could not be found."""

    application: str
    environment: str
    services: tuple[ServicePlace, ...]
    problems: tuple[OpsError, ...] = ()
    aws: Aws = field(repr=False, compare=False, kw_only=True)


@dataclass(frozen=True)
class Wanted:
    """What the files say of the services that are asked for, before AWS is asked anything."""

    workspace: Workspace
    environment: str
    workloads: dict[str, Workload]
    problems: tuple[OpsError, ...]

    def deployed(self, aws: Aws) -> Deployed:
        """Join with the names in the stacks: one call for each service."""
        application, environment = self.workspace.application, self.environment
        stacks = read_stacks(aws, application, environment, self.workloads)
        places = [
            ServicePlace(application, environment, name, stack, self.workloads[name])
            for name, stack in stacks.items()
            if not isinstance(stack, OpsError)
        ]
        missing = [stack for stack in stacks.values() if isinstance(stack, OpsError)]
        return Deployed(
            application, environment, tuple(places), (*self.problems, *missing), aws=aws
        )


def read_wanted(
    path: Path | None,
    application: str | None,
    environment: str | None,
    names: Sequence[str] = (),
) -> Wanted:
    """Read the files of these services, or of all that run all the time.

    Raises OpsError for an environment or a service that the workspace does not have.
    """
    workspace = load_workspace(path, application)
    environment = workspace.require_environment(environment)
    workloads: dict[str, Workload] = {}
    problems: list[OpsError] = []
    for service in _chosen(workspace, names):
        queue: Queue | None = None
        try:
            queue = workspace.service_settings(service.name, environment).queue
        except WorkspaceError as error:
            problems.append(error)
        if service.unreadable is None:
            workload = Workload.from_manifest(service.manifest_in(environment), queue)
        else:
            problems.append(service.unreadable)
            workload = Workload(type="", queue=queue)
        workloads[service.name] = workload
    return Wanted(workspace, environment, workloads, tuple(problems))


def _chosen(workspace: Workspace, names: Sequence[str]) -> list[Service]:
    known = {service.name: service for service in workspace.services}
    for name in names:
        if name not in known:
            raise OpsError(
                f"The workspace has no service `{name}`",
                did_you_mean(name, known).capitalize(),
            )
    if names:
        return [service for service in workspace.services if service.name in names]
    return [each for each in workspace.services if each.type in _ALWAYS_ON or each.unreadable]
