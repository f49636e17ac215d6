"""The registry: every kind of resource that `ops` keeps.

A kind is the folder `ops/kinds/<name>/` and its line here. The folder holds

    settings.py   `Settings`, the pydantic model of the kind's section in an ops.yml
    desired.py    `desired(settings, place)`, pure: the resources that should be there
    remote.py     `Remote`, the only code of the kind that calls AWS

and from this line follow its section in `ops.yml` and its commands `ops <name> plan|sync|list`.
Modules are named here, not imported, so that `ops --help` loads none of them.
"""

from dataclasses import dataclass
from enum import Enum


class Scope(Enum):
    """Whose `ops.yml` declares a kind."""

    APPLICATION = "application"  # copilot/ops.yml, one for all environments
    ENVIRONMENT = "environment"  # copilot/ops.yml, for each environment
    SERVICE = "service"  # copilot/<service>/ops.yml, for each environment


@dataclass(frozen=True)
class Kind:
    """One line of the registry. `summary` completes "Plan, sync and list …".

    `commands` are those that the kind has beside the common ones or in place of a namesake,
    each as `module:attribute`. `shared`: its resources belong to all workspaces of the application
    together, so one whose file says nothing of the kind never prunes it.
    """

    name: str
    scope: Scope
    summary: str
    commands: tuple[str, ...] = ()
    shared: bool = False


def _commands(module: str, *names: str) -> tuple[str, ...]:
    return tuple(f"ops.commands.kinds.{module}:{name}" for name in names)


KINDS = (
    Kind(
        "images",
        Scope.APPLICATION,
        "ECR repositories and their lifecycle policies",
        commands=_commands("images", "list_", "tag", "build", "push"),
        shared=True,
    ),
    Kind(
        "topics",
        Scope.ENVIRONMENT,
        "SNS topics that alarms notify, with their subscriptions",
        shared=True,
    ),
    Kind("alarms", Scope.SERVICE, "CloudWatch alarms of services"),
    Kind("events", Scope.SERVICE, "EventBridge rules on services' deployments and tasks"),
    Kind("scaling", Scope.SERVICE, "scaling policies of services"),
    Kind("logging", Scope.SERVICE, "metric filters and saved queries on services' logs"),
    Kind(
        "dashboards",
        Scope.ENVIRONMENT,
        "a CloudWatch dashboard of each environment",
        shared=True,
    ),
    Kind(
        "schedules",
        Scope.ENVIRONMENT,
        "off-hours of an environment",
        commands=_commands("schedules", "down", "up", "override"),
    ),
)
