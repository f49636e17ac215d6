"""The plan of a release, from the files and the running versions. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ops.base.errors import OpsError
from ops.copilot.workload import APP_RUNNER, STATIC
from ops.copilot.workspace import Release, Service, Workspace
from ops.copilot.workspace.problems import did_you_mean
from ops.release.decisions.model import Change, Image, Plan, Source, Version


@dataclass(frozen=True)
class Facts:
    """The input of a plan. `images` are the new ones, by workload."""

    workspace: Workspace
    environment: str
    settings: Release
    images: Mapping[str, Image]
    running: Mapping[str, Version | None]
    source: Source
    is_rollback: bool = False
    redeploy: bool = False  # also what runs its image already
    released: Mapping[str, str] | None = None


def make_plan(facts: Facts) -> Plan:
    """Return the plan. Raise OpsError for an order that does not fit the workspace."""
    waves, unchanged = [], []
    for names in waves_of(facts.workspace, facts.settings):
        changes = [_change(name, facts) for name in names if name in facts.images]
        needed = tuple(change for change in changes if change.is_needed or facts.redeploy)
        unchanged += [change for change in changes if change not in needed]
        waves.append(needed)
    return Plan(
        facts.workspace.application,
        facts.environment,
        tuple(wave for wave in waves if wave),
        tuple(unchanged),
        facts.source,
        tuple(_warnings(facts)),
        facts.is_rollback,
        facts.released or {},
    )


def workloads(workspace: Workspace) -> list[Service]:
    """Return the workloads that run in ECS, and so can be released: services and jobs."""
    return [
        workload for workload in workspace.services if workload.type not in (APP_RUNNER, STATIC)
    ]


def waves_of(workspace: Workspace, settings: Release) -> list[tuple[str, ...]]:
    """Return the names in the order of `release.order`; without one, all side by side.

    Raise OpsError for a name that the workspace does not have, or that is missing or there twice.
    """
    known = [workload.name for workload in workloads(workspace)]
    if not settings.order:
        return [tuple(known)]
    waves = [(entry,) if isinstance(entry, str) else entry for entry in settings.order]
    named = [name for wave in waves for name in wave]
    where = workspace.place_of(("release", "order"), None, None)
    for name in named:
        if name not in known:
            raise OpsError(
                f"{where}: the workspace has no service `{name}`",
                did_you_mean(name, known).capitalize(),
            )
        if named.count(name) > 1:
            raise OpsError(f"{where}: `{name}` stands twice in the order", "Remove one.")
    if missing := [name for name in known if name not in named]:
        raise OpsError(f"{where}: the order lacks {', '.join(missing)}", "Add it where it belongs.")
    return waves


def _change(name: str, facts: Facts) -> Change:
    types = {workload.name: workload.type for workload in facts.workspace.services}
    return Change(name, types[name], facts.images[name], facts.running.get(name))


def _warnings(facts: Facts) -> Sequence[str]:
    warnings = []
    if not facts.source.is_known:
        warnings.append(
            "git here does not know both tags, so the commits and migrations between them are "
            "unknown"
        )
    if facts.is_rollback and facts.source.migrations:
        names = ", ".join(facts.source.migrations)
        warnings.append(
            f"the database keeps what the newer release migrated, and the older code must work "
            f"with it: {names}"
        )
    return warnings
