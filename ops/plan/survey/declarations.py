"""The declarations of some kinds, read completely before AWS is called."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ops.base.errors import DeclarationError, OpsError
from ops.base.kinds import KINDS, Kind, Scope
from ops.copilot.workload import Workload
from ops.copilot.workspace import Problem, Settings, Workspace, WorkspaceError

# The owners of what stands in `copilot/ops.yml`; all others are services, by their names.
APPLICATION = ""
ENVIRONMENT = "*"


@dataclass(frozen=True)
class Declarations:
    """The sections of some kinds, for one environment.

    `sections` holds the settings of each kind by owner. `services` holds everything that each
    service declares, `shared` all of `copilot/ops.yml` for the environment, both as settings by
    kind.
    """

    workspace: Workspace
    kinds: tuple[Kind, ...]
    environment: str | None
    sections: Mapping[str, Mapping[str, Any]]
    workloads: Mapping[str, Workload]
    services: Mapping[str, Mapping[str, Any]]
    shared: Mapping[str, Any]

    def located(self, section: str, owner: str, error: OpsError) -> OpsError:
        """Return an error about a section, with its file and line in front."""
        service = None if owner in (APPLICATION, ENVIRONMENT) else owner
        environment = None if owner == APPLICATION else self.environment
        if isinstance(error, DeclarationError):
            where = self.workspace.place_of(error.location, service, environment)
            return OpsError(f"{where}: {error.what}", error.next_step)
        where = self.workspace.place_of((section,), service, environment)
        return OpsError(f"{where}: {section}: {error.what}", error.next_step)


def possible_owners(workspace: Workspace, kind: Kind) -> list[str]:
    """Return the owners that may declare a kind."""
    match kind.scope:
        case Scope.APPLICATION:
            return [APPLICATION]
        case Scope.ENVIRONMENT:
            return [ENVIRONMENT]
        case Scope.SERVICE:
            return [service.name for service in workspace.services]


def read_declarations(
    workspace: Workspace, kinds: Sequence[Kind], environment: str | None
) -> Declarations:
    """Read the files that these kinds need.

    `environment` names the environment; None is enough if all kinds belong to the application, or
    if there is only one environment. Raise OpsError for an unknown environment, and WorkspaceError
    with the problems of all files.
    """
    if environment is not None or any(kind.scope is not Scope.APPLICATION for kind in kinds):
        environment = workspace.require_environment(environment)
    alone = all(kind.scope is Scope.APPLICATION for kind in kinds)
    files = _read_files(workspace, None if alone else environment)
    sections = {
        kind.name: {
            owner: section
            for owner in possible_owners(workspace, kind)
            if owner in files and (section := files[owner].of(kind)) is not None
        }
        for kind in kinds
    }
    services = [service for service in workspace.services if service.name in files]
    return Declarations(
        workspace,
        tuple(kinds),
        environment,
        sections,
        workloads={
            service.name: Workload.from_manifest(
                service.manifest_in(environment or ""), files[service.name].queue
            )
            for service in services
        },
        services={service.name: by_kind(files[service.name]) for service in services},
        shared=by_kind(files.get(ENVIRONMENT, files[APPLICATION])),
    )


def by_kind(settings: Settings) -> dict[str, Any]:
    """Return the sections of a file by the names of their kinds."""
    return {kind.name: section for kind in KINDS if (section := settings.of(kind)) is not None}


def _read_files(workspace: Workspace, environment: str | None) -> dict[str, Any]:
    """Read every file, by its owner; each may name environments and services."""
    readers: dict[str, Callable[[], Settings]] = {APPLICATION: workspace.settings}
    if environment is not None:
        readers[ENVIRONMENT] = partial(workspace.settings, environment)
        for service in workspace.services:
            readers[service.name] = partial(workspace.service_settings, service.name, environment)
    files: dict[str, Any] = {}
    problems = list[Problem]()
    for owner, read in readers.items():
        try:
            files[owner] = read()
        except WorkspaceError as error:
            problems.extend(error.problems)
    if problems:
        raise WorkspaceError(problems)
    return files
