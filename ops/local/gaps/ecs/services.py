"""Services: their settings, their deployments and their counts.

AWS: CreateService keeps every setting; UpdateService with another task definition (or
`forceNewDeployment`, or other settings of tasks) opens a new PRIMARY deployment
and leaves the older one ACTIVE until its tasks have gone; `runningCount` and `pendingCount`
count tasks.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html

moto: CreateService drops `deploymentConfiguration`, `capacityProviderStrategy`,
`healthCheckGracePeriodSeconds` and `enableExecuteCommand`, and refuses the launch type EXTERNAL;
UpdateService keeps the one deployment of the creation; the counts come from an environment
variable.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from inspect import signature
from typing import TYPE_CHECKING, Any

from moto.ecs.models import Cluster, EC2ContainerServiceBackend, Service, ecs_backends
from moto.ecs.responses import EC2ContainerServiceResponse

from ops.local.gaps.ecs.tasks import EcsTask, tasks_of
from ops.local.locks import lock_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.core.responses import ActionResult

CHANGING = lock_of(EC2ContainerServiceBackend)
"""Held while a service changes, so that whoever reads one never sees half of it."""

SETTINGS = {
    "deployment_configuration": "deploymentConfiguration",
    "capacity_provider_strategy": "capacityProviderStrategy",
    "health_check_grace_period_seconds": "healthCheckGracePeriodSeconds",
    "enable_execute_command": "enableExecuteCommand",
    "enable_ecs_managed_tags": "enableECSManagedTags",
    "monitoring": "monitoring",
}
"""What moto's CreateService drops: attribute of a service -> parameter of the API."""

OF_TASKS = (
    "task_definition", "network_configuration", "load_balancers", "launch_type",
    "capacity_provider_strategy", "platform_version", "service_registries", "propagate_tags",
)  # fmt: skip
"""The settings that tasks are made of: a change of one opens a deployment."""

RUNNING = ("RUNNING",)
PENDING = ("PROVISIONING", "PENDING", "ACTIVATING")


def new_deployment(service: Service) -> dict[str, Any]:
    """Return a PRIMARY deployment of the service's current settings, in the API's form."""
    now = datetime.now(UTC)
    name = f"ecs-svc/{secrets.randbelow(9 * 10**18) + 10**18}"
    settings = {
        "launchType": service.launch_type,
        "capacityProviderStrategy": getattr(service, "capacity_provider_strategy", None),
        "networkConfiguration": service.network_configuration or None,
        "platformVersion": service.platform_version,
    }
    deployment = {
        "id": name,
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "desiredCount": service.desired_count,
        "pendingCount": 0,
        "runningCount": 0,
        "failedTasks": 0,
        "createdAt": now,
        "updatedAt": now,
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {name} in progress.",
        "platformFamily": "Linux",
    } | {key: value for key, value in settings.items() if value}
    history_of(service).append(deployment)
    return deployment


def history_of(service: Service) -> list[dict[str, Any]]:
    """Return all deployments of a service, the oldest first."""
    history: list[dict[str, Any]] = vars(service).setdefault("ops_history", [])
    return history


def rollbacks_of(service: Service) -> dict[str, str]:
    """Return the deployments that roll others back: their IDs, by those of the failed ones."""
    rollbacks: dict[str, str] = vars(service).setdefault("ops_rollbacks", {})
    return rollbacks


def stops_of(service: Service) -> set[str]:
    """Return the IDs of the deployments that a user wants rolled back."""
    stops: set[str] = vars(service).setdefault("ops_stops", set())
    return stops


def requested_by_user(service: Service) -> str | None:
    """Return the task definition of the last CreateService or UpdateService.

    A rollback by ECS runs another one.
    """
    requested: str | None = vars(service).get("ops_requested")
    return requested


def open_deployment(service: Service) -> dict[str, Any]:
    """Insert a new PRIMARY deployment before the others, which become ACTIVE."""
    opened = new_deployment(service)
    for older in service.deployments:
        older["status"] = "ACTIVE"
        older["updatedAt"] = opened["createdAt"]
    service.deployments.insert(0, opened)
    return opened


def _count(statuses: tuple[str, ...]) -> property:
    """Count a service's tasks by status. Values that moto assigns are ignored, because it counts
    nothing.
    """

    def count(service: Service) -> int:
        tasks = tasks_of(service._backend, service.cluster_name, service.name)
        return sum(task.last_status in statuses for task in tasks)

    return property(count, lambda _service, _value: None)


def _count_in_cluster(statuses: tuple[str, ...]) -> property:
    def count(cluster: Cluster) -> int:
        account = cluster.arn.split(":")[4]
        tasks: dict[str, Any] = ecs_backends[account][cluster.region_name].tasks
        ours = (t for t in list(tasks.get(cluster.name, {}).values()) if isinstance(t, EcsTask))
        return sum(task.last_status in statuses for task in ours)

    return property(count, lambda _cluster, _value: None)


def close() -> None:
    """Keep a service's settings, create deployments, and count tasks."""
    if getattr(EC2ContainerServiceBackend.create_service, "closes_gap", False):
        return
    _close_backend()
    _close_response()
    Service.running_count = _count(RUNNING)  # type: ignore[assignment]
    Service.pending_count = _count(PENDING)  # type: ignore[assignment]
    Cluster.running_tasks_count = _count_in_cluster(RUNNING)  # type: ignore[assignment]
    Cluster.pending_tasks_count = _count_in_cluster(PENDING)  # type: ignore[assignment]


def _close_backend() -> None:
    backend = EC2ContainerServiceBackend
    backend.create_service = _creating(backend.create_service)  # type: ignore[method-assign]
    backend.update_service = _updating(backend.update_service)  # type: ignore[method-assign]


def _creating(original: Callable[..., Service]) -> Callable[..., Service]:
    """Wrap CreateService to keep every setting."""

    def create_service(
        self: EC2ContainerServiceBackend,
        *arguments: Any,
        **settings: Any,
    ) -> Service:
        kept = {name: settings.pop(name, None) for name in SETTINGS}
        bound = signature(original).bind(self, *arguments, **settings)
        is_external = bound.arguments.get("launch_type") == "EXTERNAL"
        if is_external:
            bound.arguments["launch_type"] = "EC2"
        with CHANGING:
            service = original(*bound.args, **bound.kwargs)
            if is_external:
                service.launch_type = "EXTERNAL"
            _keep(service, kept)
        return service

    create_service.closes_gap = True  # type: ignore[attr-defined]
    return create_service


def _updating(original: Callable[..., Service]) -> Callable[..., Service]:
    """Wrap UpdateService to create a deployment for new tasks."""

    def update_service(
        self: EC2ContainerServiceBackend, service_properties: dict[str, Any]
    ) -> Service:
        forced = service_properties.pop("force_new_deployment", False)
        name = service_properties["service"].rsplit("/", 1)[-1]
        with CHANGING:
            service = self._get_service(service_properties.get("cluster", "default"), name)
            before = [getattr(service, setting, None) for setting in OF_TASKS]
            original(self, service_properties)
            if service.task_definition:
                definition = self.describe_task_definition(service.task_definition)
                service.task_definition = definition.arn
            vars(service)["ops_requested"] = service.task_definition
            after = [getattr(service, setting, None) for setting in OF_TASKS]
            if service.deployments and (forced or after != before):
                open_deployment(service)
        return service

    return update_service


def _keep(service: Service, settings: dict[str, Any]) -> None:
    """Add the settings that moto has dropped to a new service, and its deployment."""
    for name, value in settings.items():
        if value is not None:
            setattr(service, name, value)
    if settings["capacity_provider_strategy"]:
        service.launch_type = None
    if service.deployments:
        history_of(service).clear()
        service.deployments = [new_deployment(service)]


def _close_response() -> None:
    original = EC2ContainerServiceResponse.create_service

    def create_service(self: EC2ContainerServiceResponse) -> ActionResult:
        extra = {name: self._get_param(key) for name, key in SETTINGS.items()}
        with CHANGING:
            result = original(self)
            cluster = self._get_param("cluster", "default").rsplit("/", 1)[-1]
            service = self.ecs_backend.services[f"{cluster}:{self._get_param('serviceName')}"]
            _keep(service, extra)
        return result

    EC2ContainerServiceResponse.create_service = create_service  # type: ignore[method-assign]
