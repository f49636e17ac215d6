"""The registry of all kinds of resources that `ops` manages.

A kind is the folder `ops/kinds/<name>/` and its line here. The folder holds

    settings.py   `Settings`, the pydantic model of the kind's section in an ops.yml
    desired.py    `desired(settings, place)`, pure: the resources that should be there
    remote.py     `Remote`, the only code of the kind that calls AWS

This line defines its section in `ops.yml` and its commands `ops <command> plan|sync|list`. Modules
are named here, not imported, so that `ops --help` loads none of them.
"""

from dataclasses import dataclass
from enum import Enum


class Scope(Enum):
    """The kind of `ops.yml` that declares a kind."""

    APPLICATION = "application"  # copilot/ops.yml, one for all environments
    ENVIRONMENT = "environment"  # copilot/ops.yml, for each environment
    SERVICE = "service"  # copilot/<service>/ops.yml, for each environment


@dataclass(frozen=True)
class Kind:
    """One line of the registry. `summary` completes "Plan, sync and list …".

    `commands` are those that the kind adds to the common ones, or that replace one of the same
    name, each as `module:attribute`. `shared`: its resources belong to all workspaces of the
    application, so a workspace whose file does not mention the kind never prunes them.
    `former_name` is the section that older files use; a file that still has it gets an error that
    names the new one.
    """

    name: str
    scope: Scope
    summary: str
    commands: tuple[str, ...] = ()
    shared: bool = False
    former_name: str = ""

    @property
    def command(self) -> str:
        """Return the name of the command group, such as `log-metrics`."""
        return self.name.replace("_", "-")


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
    Kind(
        "log_metrics",
        Scope.SERVICE,
        "metric filters and saved queries on services' logs",
        former_name="logging",
    ),
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
