"""The settings of an ECS service, read from moto.

They are read in this process: the scheduler reads several times a second, and needs a consistent
view of a service and its deployments. CloudFormation's numbers may be strings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.control.ecs.breaker import Breaker
from ops.control.ecs.deployment_alarms import DeploymentAlarms
from ops.control.ecs.providers import Share
from ops.control.ecs.rollout import Limits
from ops.local.fargate.tasks.container import ContainerDefinition
from ops.local.fargate.tasks.plan import Membership, Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moto.ecs.models import EC2ContainerServiceBackend, Service


@dataclass(frozen=True)
class ServiceSettings:
    """The settings of a service."""

    desired: int
    """0 once it is deleted."""
    limits: Limits
    breaker: Breaker
    alarms: DeploymentAlarms
    strategy: tuple[Share, ...]

    @classmethod
    def of(cls, service: Service, backend: EC2ContainerServiceBackend) -> ServiceSettings:
        """Read a service; the defaults are ECS's."""
        configuration: dict[str, Any] = _attribute(service, "deployment_configuration") or {}
        return cls(
            desired=int(service.desired_count or 0) if service.status == "ACTIVE" else 0,
            limits=Limits(
                _number(configuration.get("minimumHealthyPercent"), 100),
                _number(configuration.get("maximumPercent"), 200),
            ),
            breaker=Breaker.of(configuration.get("deploymentCircuitBreaker")),
            alarms=DeploymentAlarms.of(configuration.get("alarms")),
            strategy=_strategy(service, backend),
        )


def plan_of(
    service: Service,
    backend: EC2ContainerServiceBackend,
    deployment: Mapping[str, Any],
    provider: str | None,
    settle: float,
) -> Plan:
    """Return the plan of a task of this deployment."""
    definition = backend.describe_task_definition(deployment["taskDefinition"])
    network: dict[str, Any] = (service.network_configuration or {}).get("awsvpcConfiguration") or {}
    # ECS offers tags of the service or of the task definition, as `propagateTags` says.
    sources: dict[str | None, Any] = {"SERVICE": service.tags, "TASK_DEFINITION": definition.tags}
    tags = sources.get(service.propagate_tags) or []
    return Plan(
        cluster=service.cluster_arn,
        service=service.name,
        deployment=deployment["id"],
        task_definition=definition.arn,
        containers=tuple(ContainerDefinition.of(raw) for raw in definition.container_definitions),
        memberships=tuple(_memberships(service)),
        cpu=definition.cpu,
        memory=definition.memory,
        launch_type="FARGATE" if provider else service.launch_type,
        provider=provider,
        tags=tuple((tag["key"], tag["value"]) for tag in tags),
        subnets=tuple(network.get("subnets") or ()),
        security_groups=tuple(network.get("securityGroups") or ()),
        grace=float(_attribute(service, "health_check_grace_period_seconds") or 0),
        settle=settle,
    )


def _memberships(service: Service) -> list[Membership]:
    return [
        Membership(
            group=balancer["targetGroupArn"],
            container=balancer["containerName"],
            port=int(balancer["containerPort"]),
        )
        for balancer in service.load_balancers
        if balancer.get("targetGroupArn")
    ]


def _strategy(service: Service, backend: EC2ContainerServiceBackend) -> tuple[Share, ...]:
    """Return the service's strategy; the cluster's if the service has no launch type either."""
    own = _attribute(service, "capacity_provider_strategy")
    cluster = backend.clusters.get(service.cluster_name)
    if not own and not service.launch_type and cluster is not None:
        own = cluster.default_capacity_provider_strategy
    return tuple(
        Share(
            item["capacityProvider"], _number(item.get("base"), 0), _number(item.get("weight"), 0)
        )
        for item in own or ()
    )


def _attribute(service: Service, name: str) -> Any:
    return getattr(service, name, None)


def _number(value: Any, default: int) -> int:
    return default if value in (None, "") else int(value)
