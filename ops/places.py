"""Where the resources of a run belong: the files' facts joined with the names in the stacks."""

from collections.abc import Iterable, Mapping

from ops import clock
from ops.aws import Aws
from ops.declarations import APPLICATION, ENVIRONMENT, Declarations
from ops.errors import OpsError
from ops.place import (
    ApplicationPlace,
    EnvironmentPlace,
    OtherStack,
    Place,
    ServicePlace,
    ServiceStack,
)
from ops.stacks import NoServiceError, read_stacks, without_service
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
    workloads = {each.name: each for each in declarations.workspace.services}
    services: dict[str, ServicePlace | OpsError] = {}
    kinds = dict[str, str]()
    for name in sorted(needed):
        unreadable = workloads[name].unreadable
        if unreadable is None:
            kinds[name] = workloads[name].type
        else:
            services[name] = unreadable
    for name, stack in read_stacks(aws, application, environment, kinds).items():
        match stack:
            case ServiceStack():
                services[name] = _service(name, stack, declarations)
            case OtherStack():
                services[name] = without_service(name, environment, kinds[name])
            case _:
                services[name] = stack
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
        if isinstance(each, OpsError) and not isinstance(each, NoServiceError):
            return each  # half a picture would take away what the other half declares
    return EnvironmentPlace(
        application, environment, tuple(deployed), clock.now(), topics.given if topics else ()
    )
