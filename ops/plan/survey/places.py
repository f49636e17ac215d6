"""The places of a run's resources: facts from the files, joined with names from the stacks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from botocore.exceptions import ClientError

from ops.aws.client import Aws, explain
from ops.base import clock
from ops.base.errors import OpsError
from ops.base.kinds import Scope
from ops.copilot.environments import confirm
from ops.copilot.metric_resolution import read_resolutions
from ops.copilot.place import (
    ApplicationPlace,
    EnvironmentPlace,
    OtherStack,
    Place,
    ServicePlace,
    ServiceStack,
)
from ops.copilot.stacks import (
    NoServiceError,
    NotDeployedError,
    Stacks,
    read_stacks,
    without_service,
)
from ops.copilot.workload import Workload
from ops.copilot.workspace import Workspace
from ops.plan.survey.declarations import APPLICATION, ENVIRONMENT, Declarations


def read_places(
    declarations: Declarations, owners: Iterable[str], aws: Aws
) -> Mapping[str, Place | OpsError]:
    """Return the place of each owner, or the reason why it has none.

    This costs one call for each service, and two more for each ten. Resources of the environment
    need all services. Raise OpsError if no service is deployed and AWS does not know the
    environment either.
    """
    environment = declarations.environment
    places: dict[str, Place | OpsError] = {
        APPLICATION: application_place(declarations.workspace, environment)
    }
    if environment is None or all(k.scope is Scope.APPLICATION for k in declarations.kinds):
        return places
    needed = set(owners) - {APPLICATION}
    if ENVIRONMENT in needed:
        needed = {service.name for service in declarations.workspace.services}
    services = _services(declarations, environment, needed, aws)
    return {**places, **services, ENVIRONMENT: _environment(declarations, services)}


def application_place(workspace: Workspace, environment: str | None) -> ApplicationPlace:
    """Return the place of the resources that all environments share."""
    named = {environment} if environment else set[str]()
    return ApplicationPlace(workspace.application, tuple(sorted({*workspace.environments, *named})))


def _services(
    declarations: Declarations, environment: str, needed: Collection[str], aws: Aws
) -> dict[str, ServicePlace | OpsError]:
    workspace = declarations.workspace
    places: dict[str, ServicePlace | OpsError] = {}
    kinds = dict[str, str]()
    for service in workspace.services:
        if service.name not in needed:
            continue
        if service.unreadable is None:
            kinds[service.name] = service.type
        else:
            places[service.name] = service.unreadable
    stacks = read_stacks(aws, workspace.application, environment, kinds)
    if all(isinstance(stack, NotDeployedError) for stack in stacks.values()):
        # Nothing there, nothing declared that one would be read for, or no such environment.
        confirm(aws, workspace, environment)
    for name, stack in _with_resolutions(aws, stacks).items():
        match stack:
            case ServiceStack():
                places[name] = _service(name, stack, declarations)
            case OtherStack():
                places[name] = without_service(name, environment, kinds[name])
            case _:
                places[name] = stack
    return places


def _with_resolutions(aws: Aws, stacks: Stacks) -> Stacks:
    """Return the stacks with the resolution of their metrics, or the reason why it is unknown."""
    services = {name: stack for name, stack in stacks.items() if isinstance(stack, ServiceStack)}
    try:
        resolutions = read_resolutions(aws, services.values())
    except ClientError as error:
        return {**stacks, **dict.fromkeys(services, explain(error))}
    return {
        **stacks,
        **{
            name: replace(stack, metric_resolution=resolutions[stack.name])
            for name, stack in services.items()
        },
    }


def _service(name: str, stack: ServiceStack, declarations: Declarations) -> ServicePlace:
    return ServicePlace(
        declarations.workspace.application,
        declarations.environment or "",
        name,
        stack,
        workload=declarations.workloads.get(name, Workload()),
        declared=declarations.services.get(name, {}),
        shared=declarations.shared,
        workspace=tuple(service.name for service in declarations.workspace.services),
    )


def _environment(
    declarations: Declarations, services: Mapping[str, ServicePlace | OpsError]
) -> EnvironmentPlace | OpsError:
    application, environment = declarations.workspace.application, declarations.environment or ""
    deployed = [service for service in services.values() if isinstance(service, ServicePlace)]
    for service in services.values():
        if isinstance(service, OpsError) and not isinstance(service, NoServiceError):
            return service  # half a picture would take away what the other half declares
    return EnvironmentPlace(
        application, environment, tuple(deployed), clock.now(), declarations.shared
    )
