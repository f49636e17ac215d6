"""The step from declarations to plans: read the places, decide, read the live resources.

A service or a kind that cannot be read becomes a problem of the survey and stops no other.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ops.aws.client import Aws, AwsError, explain, side_by_side
from ops.base.errors import DeclarationError, OpsError
from ops.base.kinds import Kind, Scope
from ops.copilot.place import Place
from ops.copilot.stacks import NoServiceError
from ops.plan.kind import implementation
from ops.plan.model import Plan, Resource, make_plan
from ops.plan.remote import Neighbour, Observer, Remote, Requester, Reviewer, Sharer
from ops.plan.report import Survey
from ops.plan.survey import queues
from ops.plan.survey.declarations import Declarations, possible_owners
from ops.plan.survey.places import read_places
from ops.plan.survey.refusals import refusals


def survey(
    declarations: Declarations, aws: Aws, *, prune: bool = False, unmentioned: bool = False
) -> tuple[Survey, dict[str, Remote]]:
    """Plan every kind of the declarations; return the remotes, by kind, that apply the plans.

    Resources that `ops` created and that are no longer declared are listed as orphans or, with
    `prune`, deleted. Resources that workspaces share, of a kind that the file does not mention, are
    included only with `unmentioned`: another workspace may declare them. Failing to find orphans is
    a problem with `prune`, and otherwise a warning.
    """
    owners = {
        kind.name: possible_owners(declarations.workspace, kind) for kind in declarations.kinds
    }
    everyone = {owner for of_kind in owners.values() for owner in of_kind}
    places = read_places(declarations, everyone, aws)
    jobs = [
        _Job(
            kind,
            declarations,
            prune=prune,
            left_alone=not declarations.sections[kind.name] and not unmentioned,
        )
        for kind in declarations.kinds
    ]
    for job in jobs:
        job.settle({owner: places[owner] for owner in owners[job.kind.name]}, aws)
    plans = [plan for plan in side_by_side(_Job.run, jobs) if plan is not None]
    problems = {str(problem): problem for job in jobs for problem in job.problems}
    remotes = {job.kind.name: job.remote for job in jobs if job.remote is not None}
    application = declarations.workspace.application
    surveyed = Survey(
        application,
        declarations.environment,
        tuple(plan for plan in plans if plan.changes or declarations.sections[plan.kind]),
        tuple(problems.values()),
        tuple(dict.fromkeys(_warnings(declarations, jobs, aws))),
    )
    return surveyed, remotes


def _warnings(declarations: Declarations, jobs: Sequence["_Job"], aws: Aws) -> Iterator[str]:
    """Yield the warnings of the whole survey, then the warnings of each kind."""
    yield from _doubts(declarations)
    declared = [(job.kind.name, *declaration) for job in jobs for declaration in job.declared()]
    yield from queues.warnings(declarations, declared, aws)
    for job in jobs:
        yield from job.warnings


def _doubts(declarations: Declarations) -> Iterator[str]:
    """Warn about an environment name that no file mentions. Application-level runs do not
    ask AWS.
    """
    shared = all(kind.scope is Scope.APPLICATION for kind in declarations.kinds)
    name = declarations.environment
    if shared and name is not None and (doubt := declarations.workspace.unheard_of(name)):
        yield doubt


def decide(
    kind: Kind, declarations: Declarations, owner: str, place: Place
) -> tuple[list[Resource], list[str]]:
    """Return the resources that a section declares, and warnings about it.

    Raise OpsError with the file and line of a section that cannot be carried out.
    """
    decided = implementation(kind)
    settings = declarations.sections[kind.name][owner]
    try:
        return list(decided.desired(settings, place)), list(decided.warnings(settings, place))
    except OpsError as error:
        raise declarations.located(kind.name, owner, error) from error


@dataclass
class _Job:
    """The work on one kind, from its declarations to its plan."""

    kind: Kind
    declarations: Declarations
    prune: bool
    left_alone: bool  # orphans that workspaces share are left out, with a warning
    wanted: list[Resource] = field(default_factory=list)
    problems: list[OpsError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    remote: Remote | None = None
    _owners: dict[str, str] = field(default_factory=dict)  # of what is wanted, by name

    def settle(self, places: Mapping[str, Place | OpsError], aws: Aws) -> None:
        """Decide on the resources, and create the remote for the places that exist."""
        declared = self.declarations.sections[self.kind.name]
        there = list[Place]()
        for owner, place in places.items():
            if isinstance(place, OpsError):
                # What declares nothing of this kind need not be deployed, nor be a service.
                if owner in declared:
                    self.problems.append(place)
                elif not isinstance(place, NoServiceError):
                    self._without_orphans(place)
                continue
            there.append(place)
            try:
                if owner in declared:
                    resources, doubts = decide(self.kind, self.declarations, owner, place)
                    self._check_names(owner, resources)
                    self.wanted += resources
                    self.warnings += doubts
            except OpsError as error:
                self.problems.append(error)
        if there:
            # Made here, in one thread: a botocore session makes clients one at a time.
            self.remote = implementation(self.kind).remote(aws, there)
            self._check_requests(self.remote, aws)

    def _check_requests(self, remote: Remote, aws: Aws) -> None:
        """Drop the resources that AWS would refuse, with a problem that names file and line."""
        if not isinstance(remote, Requester):
            return
        for resource in list(self.wanted):
            if reasons := refusals(remote.requests(resource), aws):
                where = resource.declared_at or (self.kind.name,)
                what = f"AWS would refuse `{resource.name}`: {'; '.join(reasons)}"
                error = DeclarationError(what, "Change its declaration.", where)
                owner = self._owners[resource.name]
                self.problems.append(self.declarations.located(self.kind.name, owner, error))
                self.wanted.remove(resource)

    def declared(self) -> Iterator[tuple[str, Resource]]:
        """Return each declared resource with its owner."""
        return ((self._owners[resource.name], resource) for resource in self.wanted)

    def _check_names(self, owner: str, resources: Sequence[Resource]) -> None:
        """Raise an error if two services choose the same prefix: they would overwrite each other's
        resources.
        """
        for resource in resources:
            other = self._owners.setdefault(resource.name, owner)
            if other != owner:
                what = f"`{resource.name}` is already the name of a resource of `{other}`"
                error = OpsError(what, "Give one of them another name or prefix.")
                raise self.declarations.located(self.kind.name, owner, error)

    def run(self) -> Plan | None:
        """Read the live resources and plan."""
        if self.remote is None:
            return None
        try:
            names = {*(resource.name for resource in self.wanted), *self._inventory(self.remote)}
            live = self.remote.read(names) if names else []
            owned = self.remote.owned
            plan = make_plan(self.kind.name, self.wanted, live, owned, prune=self.prune)
            if isinstance(self.remote, Observer):
                self.warnings += self.remote.warnings(plan)
            return self.remote.review(plan) if isinstance(self.remote, Reviewer) else plan
        except (OpsError, *AwsError) as error:
            self.problems.append(explain(error))
            return None

    def _inventory(self, remote: Remote) -> Collection[str]:
        """Return the names of all resources that `ops` created and this workspace may prune."""
        if self.problems:
            return ()  # what a service declares is unknown while it has a problem
        try:
            names = self._without_shared(remote.inventory())
        except (OpsError, *AwsError) as error:
            self._without_orphans(explain(error))
            return ()
        if self.prune and isinstance(remote, Neighbour):
            self.warnings += remote.left_alone()
        return names

    def _without_orphans(self, error: OpsError) -> None:
        if self.prune:
            self.problems.append(error)
        else:
            self.warnings.append(f"Resources that are no longer declared may be missing: {error}")

    def _without_shared(self, names: Collection[str]) -> Collection[str]:
        shared = set(self._shared(names)) if self.left_alone else set()
        if shared:
            self.warnings.append(
                f"{self.kind.name} that ops created are not deleted ({', '.join(sorted(shared))}): "
                f"copilot/ops.yml has no section `{self.kind.name}`, and another workspace of "
                f"the application may have one. `ops {self.kind.command} delete` deletes them"
            )
        return set(names) - shared

    def _shared(self, names: Collection[str]) -> Collection[str]:
        if self.kind.shared:
            return names
        return self.remote.shared(names) if isinstance(self.remote, Sharer) else ()
