"""The state of an environment in AWS at one moment. Pure data.

A part that could not be read is an OpsError in its place, so that it hides no other part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias, TypeVar

from ops.aws.autoscaling.values import ScalingActivity, ScalingPolicy, ScheduledAction
from ops.base.errors import OpsError
from ops.copilot.deployed import Other
from ops.copilot.workload import TaskRange
from ops.oncall.queue.state import QueueState
from ops.release.decisions.record import Last

Content = TypeVar("Content")
Part: TypeAlias = Content | OpsError


@dataclass(frozen=True)
class Deployment:
    """One deployment of a service.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
    """

    status: str  # PRIMARY is the newest, ACTIVE one that it takes the place of
    rollout: str  # IN_PROGRESS, COMPLETED or FAILED
    reason: str
    revision: str  # family:revision of the task definition
    desired: int
    running: int
    pending: int
    failed: int
    began: datetime | None


@dataclass(frozen=True)
class Failure:
    """The last deployment, if it failed and no other deployment but its rollback followed."""

    deployment: str
    when: datetime | None
    reason: str
    is_rolled_back: bool
    revision: str | None = None  # None once its tasks are forgotten, an hour after they stopped
    last_line: str | None = None  # of the log of its last task


@dataclass(frozen=True)
class Counts:
    """The task counts of a service, its deployments, and the latest ECS event."""

    desired: int
    running: int
    pending: int
    deployments: tuple[Deployment, ...]  # the newest first
    event: str = ""
    failure: Failure | None = None  # of the last deployment

    @property
    def primary(self) -> Deployment | None:
        """Return the deployment that is, or will become, the whole service."""
        return next(
            (deployment for deployment in self.deployments if deployment.status == "PRIMARY"), None
        )

    @property
    def is_deploying(self) -> bool:
        """Return whether a deployment is in progress."""
        primary = self.primary
        return primary is not None and primary.rollout == "IN_PROGRESS"


@dataclass(frozen=True)
class Health:
    """The running tasks, counted by container health."""

    healthy: int
    unhealthy: int
    unknown: int  # no health check, or none has ended yet


@dataclass(frozen=True)
class Stopped:
    """A task that stopped unexpectedly, not for scaling in or a deployment.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
    """

    when: datetime | None
    reason: str  # why, with its containers' exit codes and reasons
    task: str = ""
    revision: str = ""  # family:revision of its task definition
    deployment: str = ""
    container: str = ""  # the one that ended it


@dataclass(frozen=True)
class Scaling:
    """The scaling limits, policies and scheduled actions of a service."""

    least: int
    most: int
    suspended: tuple[str, ...]  # of "scaling in", "scaling out", "scheduled scaling"
    policies: Part[tuple[ScalingPolicy, ...]]
    activities: Part[tuple[ScalingActivity, ...]]  # the newest first
    scheduled: Part[tuple[ScheduledAction, ...]]


@dataclass(frozen=True)
class Alarm:
    """An alarm and its state."""

    name: str
    state: str  # OK, ALARM or INSUFFICIENT_DATA
    since: datetime | None
    reason: str
    rises: bool = True  # it watches for values above its threshold
    silenced: bool = False  # its actions are disabled


@dataclass(frozen=True)
class ServiceState:
    """A service at one moment. `manifest` is None if its manifest has no count."""

    service: str
    manifest: TaskRange | None
    counts: Part[Counts]
    health: Part[Health]
    targets: Part[Health | None]  # behind the load balancer; None without one
    scaling: Part[Scaling | None]  # None where nothing may scale it
    alarms: Part[tuple[Alarm, ...]]
    policy_alarms: Part[tuple[Alarm, ...]]
    queue: Part[QueueState | None]  # None without `queue:` in its ops.yml
    stopped: Part[tuple[Stopped, ...]] = ()  # within the last hour, as far as it was asked


@dataclass(frozen=True)
class Snapshot:
    """An environment at one moment.

    `problems` are errors about the whole environment, `others` the workloads without tasks.
    """

    application: str
    environment: str
    taken: datetime
    services: tuple[ServiceState, ...]
    problems: tuple[OpsError, ...] = ()
    others: tuple[Other, ...] = ()
    unknown: Mapping[str, OpsError] = field(default_factory=dict)  # services that could not be read
    release: Part[Last | None] = None  # the last one of `ops release`
    is_overview: bool = False  # of many services: less of each, from what AWS answers in batches

    @property
    def unread(self) -> Sequence[OpsError]:
        """Return all errors in the snapshot, without duplicates."""
        parts = [
            part
            for service in self.services
            for part in (*vars(service).values(), *_of_scaling(service.scaling))
        ]
        parts.append(self.release)
        errors = [*self.problems, *(part for part in parts if isinstance(part, OpsError))]
        return list({str(error): error for error in errors}.values())


def _of_scaling(scaling: Part[Scaling | None]) -> tuple[object, ...]:
    return tuple(vars(scaling).values()) if isinstance(scaling, Scaling) else ()
