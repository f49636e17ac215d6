"""The pipeline: what is declared, what is there, and the plan of each kind.

A service or a kind that cannot be read becomes a problem of the survey and stops no other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeAlias

from ops.aws import Aws, AwsError, explain, side_by_side
from ops.errors import OpsError
from ops.kind import Remote
from ops.kinds import Kind, Scope
from ops.place import ApplicationPlace, ServicePlace
from ops.plan import Plan, Resource, make_plan
from ops.report import Survey
from ops.stacks import NotDeployedError, read_places
from ops.workspace import Problem, Workspace, WorkspaceError

Place: TypeAlias = ApplicationPlace | ServicePlace
Declared: TypeAlias = Mapping[str, Any]  # a kind's settings by their owner: a service or _SHARED

_SHARED = ""  # the owner of what belongs to the application


def needs_environment(kinds: Sequence[Kind]) -> bool:
    """Whether any of these kinds belongs to an environment."""
    return any(kind.scope is Scope.SERVICE for kind in kinds)


def survey(
    workspace: Workspace,
    kinds: Sequence[Kind],
    environment: str | None,
    aws: Aws,
    *,
    undeclared: bool = False,
) -> tuple[Survey, dict[str, Remote]]:
    """Read the workspace and AWS and plan every kind; the remotes carry the plans out.

    `undeclared` also finds what `ops` made and nobody declares any more. Raises WorkspaceError
    for a workspace that cannot be read, before anything is asked of AWS.
    """
    declared = _declarations(workspace, kinds, environment)
    owners = {
        kind.name: _owners(workspace, kind) if undeclared else list(declared[kind.name])
        for kind in kinds
    }
    services = {owner for each in owners.values() for owner in each if owner != _SHARED}
    places: dict[str, Place | OpsError] = {_SHARED: ApplicationPlace(workspace.application)}
    if environment is not None:
        places |= read_places(aws, workspace.application, environment, sorted(services))
    jobs = [_Job(kind, declared[kind.name], undeclared=undeclared) for kind in kinds]
    for job in jobs:
        job.settle({owner: places[owner] for owner in owners[job.kind.name]}, aws)
    plans = tuple(plan for plan in side_by_side(_Job.run, jobs) if plan is not None)
    problems = {str(problem): problem for job in jobs for problem in job.problems}
    remotes = {job.kind.name: job.remote for job in jobs if job.remote is not None}
    return Survey(workspace.application, environment, plans, tuple(problems.values())), remotes


def _declarations(
    workspace: Workspace, kinds: Sequence[Kind], environment: str | None
) -> dict[str, Declared]:
    """What every `ops.yml` says about the kinds; the problems of all files at once."""
    files: dict[str, Any] = {}
    problems = list[Problem]()
    for owner in dict.fromkeys(owner for kind in kinds for owner in _owners(workspace, kind)):
        try:
            if owner == _SHARED:
                files[owner] = workspace.settings()
            elif environment is not None:
                files[owner] = workspace.service_settings(owner, environment)
        except WorkspaceError as error:
            problems.extend(error.problems)
    if problems:
        raise WorkspaceError(problems)
    return {
        kind.name: {
            owner: section
            for owner in _owners(workspace, kind)
            if (section := files[owner].of(kind)) is not None
        }
        for kind in kinds
    }


def _owners(workspace: Workspace, kind: Kind) -> list[str]:
    if kind.scope is Scope.APPLICATION:
        return [_SHARED]
    return [service.name for service in workspace.services]


@dataclass
class _Job:
    """One kind on its way from what is declared to its plan."""

    kind: Kind
    declared: Declared
    undeclared: bool
    wanted: list[Resource] = field(default_factory=list)
    problems: list[OpsError] = field(default_factory=list)
    remote: Remote | None = None

    def settle(self, places: Mapping[str, Place | OpsError], aws: Aws) -> None:
        """Decide what is wanted, and make the remote for the places that exist."""
        desired = import_module(f"ops.{self.kind.name}.desired").desired
        there = list[Place]()
        for owner, place in places.items():
            if isinstance(place, OpsError):
                # A service that declares nothing of this kind need not be deployed.
                if owner in self.declared or not isinstance(place, NotDeployedError):
                    self.problems.append(place)
                continue
            there.append(place)
            try:
                if owner in self.declared:
                    self.wanted += desired(self.declared[owner], place)
            except OpsError as error:
                self.problems.append(error)
        if there:
            # Made here, in one thread: a boto3 session makes clients one at a time.
            self.remote = import_module(f"ops.{self.kind.name}.remote").Remote(aws, there)

    def run(self) -> Plan | None:
        """Read what is there and plan."""
        if self.remote is None:
            return None
        try:
            names = {each.name for each in self.wanted}
            # What a service wants is unknown while it has a problem: nothing of it is surplus.
            if self.undeclared and not self.problems:
                names.update(self.remote.inventory())
            live = self.remote.read(names) if names else []
            return make_plan(self.kind.name, self.wanted, live, self.remote.owned)
        except (OpsError, *AwsError) as error:
            self.problems.append(explain(error))
            return None
