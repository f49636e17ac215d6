"""The context of the off-hours commands: the settings, the services, and the AWS session."""

from dataclasses import dataclass
from pathlib import Path

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.base.kinds import KINDS
from ops.copilot.place import EnvironmentPlace, ServicePlace
from ops.copilot.workspace import load_workspace
from ops.kinds.schedules.calendar import Calendar
from ops.kinds.schedules.desired import drains, ordered_services
from ops.kinds.schedules.guard import check_production, is_production
from ops.kinds.schedules.settings import OffHours
from ops.plan.survey.declarations import ENVIRONMENT, Declarations, read_declarations
from ops.plan.survey.places import read_places


@dataclass(frozen=True)
class EnvironmentState:
    """An environment with off-hours."""

    aws: Aws
    off_hours: OffHours
    place: EnvironmentPlace

    @property
    def calendar(self) -> Calendar:
        """Return the calendar of the off-hours."""
        return Calendar(self.off_hours)

    @property
    def services(self) -> list[ServicePlace]:
        """Return the environment's services in the order in which they stop."""
        return ordered_services(self.off_hours, self.place)

    @property
    def queues(self) -> dict[str, str]:
        """Return the queue of each service that consumes one."""
        return {
            service.service: service.queue.name
            for service in self.services
            if drains(service) and service.queue is not None
        }

    def check_confirmed(self, confirmed: str | None) -> None:
        """Raise OpsError for production unless its name is given as a confirmation."""
        name = self.place.environment
        if is_production(self.off_hours, name) and confirmed != name:
            raise OpsError(
                f"Nothing was changed: `{name}` is production",
                f"If that is intended, pass --confirm {name}.",
            )


def read_environment_state(
    aws: Aws, workspace: Path | None, application: str | None, environment: str | None
) -> EnvironmentState:
    """Read the files and the stacks. Raise OpsError if the environment has no off-hours."""
    kinds = [kind for kind in KINDS if kind.name == "schedules"]
    declarations = read_declarations(load_workspace(workspace, application), kinds, environment)
    settings = declarations.sections["schedules"].get(ENVIRONMENT)
    if settings is None or settings.off_hours is None:
        raise _without_off_hours(declarations)
    match read_places(declarations, [ENVIRONMENT], aws)[ENVIRONMENT]:
        case EnvironmentPlace() as place:
            pass
        case OpsError() as error:
            raise error
        case other:
            raise TypeError(f"{other} is not an environment")
    check_production(settings.off_hours, place.environment)
    return EnvironmentState(aws, settings.off_hours, place)


def _without_off_hours(declarations: Declarations) -> OpsError:
    name = declarations.environment or ""
    next_step = "Declare `schedules.off_hours` for it in copilot/ops.yml."
    if doubt := declarations.workspace.unheard_of(name):
        next_step += f" {doubt[0].upper()}{doubt[1:]}"
    return OpsError(f"`{name}` has no off-hours", next_step)
