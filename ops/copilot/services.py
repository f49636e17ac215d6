"""The deployed services that an on-call command works on.

On call, half an answer is better than none: a service that cannot be found, or whose `ops.yml` has
a mistake, becomes a problem and hides no other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.aws.client import MANY, Aws
from ops.base.errors import OpsError
from ops.copilot.deployed import OTHERS, Deployed, Other
from ops.copilot.environments import confirm
from ops.copilot.place import OtherStack, ServicePlace, ServiceStack
from ops.copilot.stacks import (
    NoServiceError,
    NotDeployedError,
    Stacks,
    read_stacks,
    tagged_stacks,
    without_service,
)
from ops.copilot.workload import SERVICES, Queue, Workload
from ops.copilot.workspace import Service, Workspace, WorkspaceError, load_workspace
from ops.copilot.workspace.problems import did_you_mean


@dataclass(frozen=True)
class RequestedServices:
    """The requested services, as far as the files describe them."""

    workspace: Workspace
    environment: str
    workloads: dict[str, Workload]
    problems: tuple[OpsError, ...]
    named: frozenset[str] = frozenset()  # those that were asked for by name

    def deployed(self, aws: Aws, *, in_batches: bool = False) -> Deployed:
        """Return the services with their names in AWS, from their stacks: one call for each
        service.

        `in_batches` takes the names of many services from the tag index instead, one call for a
        hundred, without their load balancers. Raise OpsError if no service is deployed and AWS does
        not know the environment either.
        """
        application, environment = self.workspace.application, self.environment
        kinds = {name: workload.type for name, workload in self.workloads.items()}
        stacks = self._stacks(aws, kinds, in_batches=in_batches and len(kinds) >= MANY)
        if all(isinstance(stack, NotDeployedError) for stack in stacks.values()):
            confirm(aws, self.workspace, environment)
        return Deployed(
            application,
            environment,
            services=tuple(
                ServicePlace(application, environment, name, stack, self.workloads[name])
                for name in kinds
                if isinstance(stack := stacks[name], ServiceStack)
            ),
            problems=(*self.problems, *self._problems(stacks)),
            others=tuple(
                Other(name, kinds[name], environment)
                for name, stack in stacks.items()
                if isinstance(stack, OtherStack) and kinds[name] in OTHERS
            ),
            log_groups={
                name: stack.log_group
                for name, stack in stacks.items()
                if not isinstance(stack, OpsError)
                and (stack.log_group or isinstance(stack, ServiceStack) or name in self.named)
            },
            unknown={
                name: stack
                for name, stack in stacks.items()
                if isinstance(stack, OpsError) and not isinstance(stack, NoServiceError)
            },
            aws=aws,
        )

    def _stacks(self, aws: Aws, kinds: Mapping[str, str], *, in_batches: bool) -> Stacks:
        place = aws, self.workspace.application, self.environment
        known = tagged_stacks(*place, kinds) if in_batches else {}
        rest = {name: kind for name, kind in kinds.items() if name not in known}
        return {**read_stacks(*place, rest), **known}

    def _problems(self, stacks: Stacks) -> Iterator[OpsError]:
        for name, stack in stacks.items():
            kind = self.workloads[name].type
            if isinstance(stack, OtherStack) and kind not in OTHERS:
                yield without_service(name, self.environment, kind)
            # A job that this environment does not have is nothing to worry about on call.
            absent = kind in OTHERS and isinstance(stack, NotDeployedError)
            if isinstance(stack, OpsError) and (name in self.named or not absent):
                yield stack


def read_requested(
    path: Path | None,
    application: str | None,
    environment: str | None,
    names: Sequence[str] = (),
) -> RequestedServices:
    """Read the files of these services, or of all.

    Raise OpsError for a service that the workspace does not have, and for an invalid environment
    name.
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
    return RequestedServices(workspace, environment, workloads, tuple(problems), frozenset(names))


def _chosen(workspace: Workspace, names: Sequence[str]) -> list[Service]:
    there = {service.name for service in workspace.services}
    for name in names:
        if name not in there:
            raise OpsError(
                f"The workspace has no service `{name}`",
                did_you_mean(name, there).capitalize(),
            )
    if names:
        return [service for service in workspace.services if service.name in names]
    known = (*SERVICES, *OTHERS)
    return [
        service for service in workspace.services if service.type in known or service.unreadable
    ]
