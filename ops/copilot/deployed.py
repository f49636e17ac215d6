"""What is deployed to an environment, as far as it could be read. Pure data."""

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
        "nothing runs between two runs",
        "`ops logs {name} --env {environment} --since 1d` shows what its runs said",
    ),
    APP_RUNNER: (
        "App Runner runs it, and ECS knows nothing of it",
        "`copilot svc status -n {name} -e {environment}` shows its state",
    ),
    STATIC: (
        "CloudFront serves its files, and nothing runs",
        "`copilot svc show -n {name}` shows where it is",
    ),
}


@dataclass(frozen=True)
class Other:
    """A deployed workload that has no ECS service by its type."""

    service: str
    type: str
    environment: str

    @property
    def said(self) -> str:
        """What it is, and what to look at."""
        why, look = OTHERS[self.type]
        look = look.format(name=self.service, environment=self.environment)
        return f"`{self.service}` is a {self.type}: {why}. {look}."


@dataclass(frozen=True)
class Deployed:
    """Services of one environment, in the workspace's order, and what could not be found.

    `others` are the workloads without an ECS service. Nobody knows whether those that are
    `unknown` run: AWS refused to say. `log_groups` are those of both by their
    names, also of a service that is only coming up; None where a stack has none.
    """

    application: str
    environment: str
    services: tuple[ServicePlace, ...]
    problems: tuple[OpsError, ...] = ()
    others: tuple[Other, ...] = ()
    log_groups: Mapping[str, str | None] = field(default_factory=dict)
    unknown: Mapping[str, OpsError] = field(default_factory=dict)  # whose stack was not readable
    aws: Aws = field(repr=False, compare=False, kw_only=True)
