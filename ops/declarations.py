"""What the `ops.yml` files say about some kinds, read whole before AWS is asked anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.kinds import Kind, Scope
from ops.workspace import Problem, Settings, Workspace, WorkspaceError

SHARED = ""  # the owner of what belongs to the application


@dataclass(frozen=True)
class Declarations:
    """The sections of some kinds, for one environment.

    `sections` holds, for each kind's name, its settings by their owner: a service or `SHARED`.
    """

    workspace: Workspace
    kinds: tuple[Kind, ...]
    environment: str | None
    sections: Mapping[str, Mapping[str, Any]]

    def owners(self, kind: Kind, *, undeclared: bool) -> list[str]:
        """Who declares the kind, or also who might."""
        everyone = possible_owners(self.workspace, kind)
        return everyone if undeclared else list(self.sections[kind.name])


def possible_owners(workspace: Workspace, kind: Kind) -> list[str]:
    """Who may declare a kind."""
    if kind.scope is Scope.APPLICATION:
        return [SHARED]
    return [service.name for service in workspace.services]


def read_declarations(
    workspace: Workspace, kinds: Sequence[Kind], environment: str | None
) -> Declarations:
    """Read the files that these kinds need.

    `environment` names the one to work in; None is enough for what all environments share, and
    where there is only one. Raises OpsError for an environment that there is not, and
    WorkspaceError with the problems of all files.
    """
    if environment is not None or any(kind.scope is Scope.SERVICE for kind in kinds):
        environment = workspace.require_environment(environment)
    files: dict[str, Settings] = {}
    problems = list[Problem]()
    for owner in dict.fromkeys(o for kind in kinds for o in possible_owners(workspace, kind)):
        try:
            files[owner] = _read(workspace, owner, environment)
        except WorkspaceError as error:
            problems.extend(error.problems)
    if problems:
        raise WorkspaceError(problems)
    sections = {
        kind.name: {
            owner: section
            for owner in possible_owners(workspace, kind)
            if (section := files[owner].of(kind)) is not None
        }
        for kind in kinds
    }
    return Declarations(workspace, tuple(kinds), environment, sections)


def _read(workspace: Workspace, owner: str, environment: str | None) -> Settings:
    if owner == SHARED or environment is None:
        return workspace.settings()
    return workspace.service_settings(owner, environment)
