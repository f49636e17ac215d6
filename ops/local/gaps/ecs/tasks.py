"""Tasks of a service: their records, and the requests to stop them.

AWS: ListTasks returns the tasks of the named service, by default those with the desired status
RUNNING; DescribeTasks returns each container of a task with its own status, health and exit code;
StopTask requests a stop, and the task's status follows as its containers end.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html

moto: ListTasks ignores `serviceName`, accepts a part of a cluster's name, and returns stopped tasks
too; a task has only its first container; every DescribeTasks advances a task's invented state;
StopTask marks a task as stopped at once and answers an unknown one with status 500.

Closed by `EcsTask`, a record in moto's backend that the code which runs the task updates.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT_AFTER_STOP = timedelta(hours=1)
"""How long ECS goes on describing a task that has stopped."""


@dataclass
class EcsContainer:
    """One container of a task; the attributes are those of the API, in snake case."""

    container_arn: str
    task_arn: str
    name: str
    image: str
    cpu: str
    memory: str | None
    essential: bool
    image_digest: str | None = None
    last_status: str = "PENDING"
    health_status: str = "UNKNOWN"
    exit_code: int | None = None
    reason: str | None = None
    runtime_id: str | None = None
    network_interfaces: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class TaskRequest:
    """The task that RunTask asks for."""

    family: str
    containers: tuple[dict[str, Any], ...]
    """Their definitions, in the API's form."""
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


@dataclass
class EcsTask:
    """One task; the attributes are those of the API, in snake case, times aware and in UTC."""

    task_arn: str
    cluster_arn: str
    task_definition_arn: str
    group: str
    started_by: str
    cpu: str | None
    memory: str | None
    launch_type: str | None
    capacity_provider_name: str | None
    containers: list[EcsContainer]
    tags: list[dict[str, str]]
    attachments: list[dict[str, Any]] = field(default_factory=list)
    last_status: str = "PROVISIONING"
    desired_status: str = "RUNNING"
    health_status: str = "UNKNOWN"
    platform_version: str = "1.4.0"
    platform_family: str = "Linux"
    connectivity: str = "DISCONNECTED"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    connectivity_at: datetime | None = None
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    container_instance_arn: str | None = None
    request: TaskRequest | None = None
    """Of RunTask, until somebody runs the task."""

    @property
    def id(self) -> str:
        """Return the 32 hexadecimal digits at the end of the ARN."""
        return self.task_arn.rsplit("/", 1)[-1]

    def ask_to_stop(self, code: str, reason: str) -> None:
        """Record the request to stop and its reason; the first request is kept."""
        if self.desired_status == "STOPPED":
            return
        self.stop_code, self.stopped_reason = code, reason
        self.stopping_at = datetime.now(UTC)
        self.desired_status = "STOPPED"

    def advance(self) -> None:
        """Do nothing: moto calls this on every read, but this task has a real lifecycle."""


def new_task_arn(cluster_arn: str) -> str:
    """Return an ARN for a new task of the cluster."""
    return f"{cluster_arn.replace(':cluster/', ':task/', 1)}/{secrets.token_hex(16)}"


def new_container_arn(task_arn: str) -> str:
    """Return an ARN for a new container of the task."""
    digits = secrets.token_hex(16)
    groups = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return f"{task_arn.replace(':task/', ':container/', 1)}/{'-'.join(groups)}"


def record(backend: EC2ContainerServiceBackend, task: EcsTask) -> None:
    """Make the task visible, and drop those that stopped longer ago than ECS keeps them."""
    cluster = task.cluster_arn.rsplit("/", 1)[-1]
    oldest = datetime.now(UTC) - KEPT_AFTER_STOP
    everything: dict[str, dict[str, Any]] = {**backend.tasks}
    kept = {
        arn: other
        for arn, other in everything.get(cluster, {}).items()
        if not (isinstance(other, EcsTask) and other.stopped_at and other.stopped_at < oldest)
    }
    # Both dictionaries are replaced, never changed: moto's request threads iterate over them.
    everything[cluster] = {**kept, task.task_arn: task}
    backend.tasks = everything


def tasks_of(backend: EC2ContainerServiceBackend, cluster: str, service: str) -> list[EcsTask]:
    """Return the tasks of a service, running and stopped, oldest first."""
    tasks: list[Any] = list(backend.tasks.get(cluster, {}).values())
    return [t for t in tasks if isinstance(t, EcsTask) and t.group == f"service:{service}"]


def close() -> None:
    """List, describe and stop tasks as ECS does."""
    backend = EC2ContainerServiceBackend
    if getattr(backend.list_tasks, "closes_gap", False):
        return
    backend.list_tasks = _listing(backend.list_tasks)  # type: ignore[method-assign]
    backend.stop_task = _stopping(backend.stop_task)  # type: ignore[method-assign]


def _listing(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Wrap ListTasks to list one cluster and one service, and running tasks by default."""

    def list_tasks(  # the parameters are moto's
        self: EC2ContainerServiceBackend,
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desiredStatus: str | None = None,  # noqa: N803
    ) -> list[Any]:
        status = desiredStatus or "RUNNING"
        tasks = original(self, cluster_str, container_instance, family, started_by, None, status)
        if cluster_str:
            cluster = self._get_cluster(cluster_str).arn
            tasks = [task for task in tasks if task.cluster_arn == cluster]
        if service_name:
            group = f"service:{service_name.rsplit('/', 1)[-1]}"
            tasks = [task for task in tasks if task.group == group]
        return tasks

    list_tasks.closes_gap = True  # type: ignore[attr-defined]
    return list_tasks


def _stopping(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap StopTask to request the stop only."""

    def stop_task(
        self: EC2ContainerServiceBackend, cluster_str: str, task_str: str, reason: str | None
    ) -> Any:
        cluster = self._get_cluster(cluster_str).name
        tasks: dict[str, Any] = self.tasks.get(cluster, {})
        task_id = task_str.rsplit("/", 1)[-1]
        task = next((t for arn, t in tasks.items() if arn.rsplit("/", 1)[-1] == task_id), None)
        if task is None:
            raise InvalidParameterException("The referenced task was not found.")
        if not isinstance(task, EcsTask):
            return original(self, cluster_str, task_str, reason or "")
        task.ask_to_stop("UserInitiated", reason or "Task stopped by user")
        return task

    return stop_task
