"""The workloads deployed to an environment, as far as they could be read. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ops.copilot.workload import APP_RUNNER, JOB, STATIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.aws.client import Aws
    from ops.base.errors import OpsError
    from ops.copilot.place import ServicePlace

# Of the types without an ECS service: why there are no tasks to show, and what to look at.
OTHERS = {
    JOB: (
        "it has no tasks between two runs",
        "`ops logs {name} --env {environment} --since 1d` shows the logs of its runs",
    ),
    APP_RUNNER: (
        "it runs in App Runner, not in ECS",
        "`copilot svc status -n {name} -e {environment}` shows its state",
    ),
    STATIC: (
        "CloudFront serves its files, and it has no tasks",
        "`copilot svc show -n {name}` shows its URL",
    ),
}


@dataclass(frozen=True)
class Other:
    """A deployed workload whose type has no ECS service."""

    service: str
    type: str
    environment: str

    @property
    def description(self) -> str:
        """Describe the workload, and say which command shows its state."""
        why, look = OTHERS[self.type]
        look = look.format(name=self.service, environment=self.environment)
        return f"`{self.service}` is a {self.type}: {why}. {look}."


@dataclass(frozen=True)
class Deployed:
    """The services of one environment, in the workspace's order, and the problems in finding them.

    `others` are the workloads without an ECS service. `unknown` are those of which AWS did not
    return whether they run. `log_groups` are those of both by name, also of a service that is still
    being created; None if a stack has none.
    """

    application: str
    environment: str
    services: tuple[ServicePlace, ...]
    problems: tuple[OpsError, ...] = ()
    others: tuple[Other, ...] = ()
    log_groups: Mapping[str, str | None] = field(default_factory=dict)
    unknown: Mapping[str, OpsError] = field(
        default_factory=dict
    )  # services with an unreadable stack
    aws: Aws = field(repr=False, compare=False, kw_only=True)
