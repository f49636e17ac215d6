"""Where the resources of a run belong: the files' facts joined with the names in the stacks."""

from collections.abc import Iterable, Mapping

from ops import clock
from ops.aws import Aws
from ops.declarations import APPLICATION, ENVIRONMENT, Declarations
from ops.errors import OpsError
from ops.place import (
    ApplicationPlace,
    EnvironmentPlace,
    Place,
    ServicePlace,
    ServiceStack,
)
from ops.stacks import NotDeployedError, read_stacks
from ops.topics.names import settable, targets
from ops.workload import Workload


def read_places(
    declarations: Declarations, owners: Iterable[str], aws: Aws
) -> Mapping[str, Place | OpsError]:
    """The place of each owner, or why it has none.

    A service costs one call. What belongs to the environment needs all services.
    """
    application, environment = declarations.workspace.application, declarations.environment
    places: dict[str, Place | OpsError] = {
        APPLICATION: ApplicationPlace(application, declarations.workspace.environments)
    }
    if environment is None:
        return places
    needed = set(owners) - {APPLICATION}
    if ENVIRONMENT in needed:
        needed = {service.name for service in declarations.workspace.services}
    unreadable = {
        each.name: each.unreadable
        for each in declarations.workspace.services
        if each.unreadable is not None
    }
    readable = needed - unreadable.keys()
    services: dict[str, ServicePlace | OpsError] = {
        name: stack if isinstance(stack, OpsError) else _service(name, stack, declarations)
        for name, stack in read_stacks(aws, application, environment, sorted(readable)).items()
    } | {name: error for name, error in unreadable.items() if name in needed}
    return {**places, **services, ENVIRONMENT: _environment(declarations, services)}


def _service(name: str, stack: ServiceStack, declarations: Declarations) -> ServicePlace | OpsError:
    application, environment = declarations.workspace.application, declarations.environment or ""
    shared = getattr(declarations.shared, "topics", None)
    try:
        notified = targets(shared, application, environment, stack)
    except OpsError as error:
        return declarations.located("topics", ENVIRONMENT, error)
    return ServicePlace(
        application,
        environment,
        name,
        stack,
        workload=declarations.workloads.get(name, Workload()),
        targets=notified,
        topics=settable(notified, application, environment, stack),
        declared=declarations.services.get(name, {}),
        has_off_hours=_has_off_hours(name, declarations),
        workspace=tuple(service.name for service in declarations.workspace.services),
    )


def _has_off_hours(service: str, declarations: Declarations) -> bool:
    schedules = getattr(declarations.shared, "schedules", None)
    return service in getattr(getattr(schedules, "off_hours", None), "order", ())


def _environment(
    declarations: Declarations, services: Mapping[str, ServicePlace | OpsError]
) -> EnvironmentPlace | OpsError:
    application, environment = declarations.workspace.application, declarations.environment or ""
    topics = getattr(declarations.shared, "topics", None)
    deployed = [each for each in services.values() if isinstance(each, ServicePlace)]
    for each in services.values():
        if isinstance(each, OpsError) and not isinstance(each, NotDeployedError):
            return each  # half a picture would take away what the other half declares
    return EnvironmentPlace(
        application, environment, tuple(deployed), clock.now(), topics.given if topics else ()
    )
