"""The registry of all kinds of resources that `ops` manages.

A kind is the folder `ops/kinds/<name>/` (described in `ops.plan.kind`) and its line here.
Its section in `ops.yml` and its commands `ops <command> plan|sync|list|delete` follow from that.
Modules are named here, not imported, so that `ops --help` loads none of them.
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
    """One line of the registry, with the help texts of its commands.

    `summary` stands in `ops --help`, `help` in `ops <name> --help`, the others in the help of their
    command. `commands` are the kind's own, each as `module:attribute`; one of the same name
    replaces a common one. `shared`: the resources belong to all workspaces of the application, so
    a workspace whose file does not mention the kind never prunes it. `former_name` is the section
    that older files use: it is an error that names the new one.
    """

    name: str
    scope: Scope
    summary: str
    help: str
    delete_help: str
    list_help: str = ""  # not given where `commands` has a `list` of its own
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
        summary="ECR repositories: lifecycle policies, and the images in them",
        help="Manage ECR repositories and their lifecycle policies; build and push images.",
        delete_help="Delete the repositories that ops created. AWS rejects one that holds images.",
        commands=_commands("images", "list_", "tag", "build", "push"),
        shared=True,
    ),
    Kind(
        "topics",
        Scope.ENVIRONMENT,
        summary="SNS topics for alarms and events, and their subscriptions",
        help="Manage the SNS topics that alarms and events notify, and their subscriptions.",
        list_help="List the topics and subscriptions that ops created.",
        delete_help="Delete the topics and subscriptions that ops created.",
        shared=True,
    ),
    Kind(
        "alarms",
        Scope.SERVICE,
        summary="CloudWatch alarms of services",
        help="Manage the CloudWatch alarms of services.",
        list_help="List the alarms that ops created: state, and since when.",
        delete_help="Delete the alarms that ops created.",
    ),
    Kind(
        "events",
        Scope.SERVICE,
        summary="EventBridge rules for failed deployments and stopped tasks",
        help="Manage the EventBridge rules that report failed deployments and stopped tasks.",
        list_help="List the EventBridge rules that ops created.",
        delete_help="Delete the EventBridge rules that ops created.",
    ),
    Kind(
        "scaling",
        Scope.SERVICE,
        summary="Scaling policies and scheduled minimums of services",
        help="Manage the scaling policies and scheduled minimums of services.",
        list_help="List the scaling policies and scheduled minimums that ops created.",
        delete_help="Delete the scaling policies and scheduled minimums that ops created.",
    ),
    Kind(
        "log_metrics",
        Scope.SERVICE,
        summary="Metric filters and saved queries on the logs of services",
        help="Manage metric filters and saved Logs Insights queries on the logs of services.",
        list_help="List the metric filters and saved queries that ops created.",
        delete_help="Delete the metric filters and saved queries that ops created.",
        former_name="logging",
    ),
    Kind(
        "dashboards",
        Scope.ENVIRONMENT,
        summary="One CloudWatch dashboard for each environment",
        help="Manage the CloudWatch dashboard of an environment.",
        list_help="List the dashboard that ops created for the environment.",
        delete_help="Delete the dashboard that ops created for the environment.",
        shared=True,
    ),
    Kind(
        "schedules",
        Scope.ENVIRONMENT,
        summary="Off-hours: no tasks at night and on weekends",
        help="Manage the off-hours of an environment: no tasks at night and on weekends.",
        list_help="List the scheduled actions and mute rules of the off-hours.",
        delete_help="Delete the scheduled actions and mute rules of the off-hours.",
        commands=_commands("schedules", "down", "up", "override"),
    ),
)
