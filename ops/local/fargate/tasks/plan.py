"""The plan of a task, and its record before it exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.local.gaps.ecr.running_images import digest_of
from ops.local.gaps.ecs.tasks import EcsContainer, EcsTask, new_container_arn, new_task_arn

if TYPE_CHECKING:
    from ops.local.fargate.tasks.container import ContainerDefinition


@dataclass(frozen=True)
class Membership:
    """A target group in which a service registers one of its task's ports."""

    group: str
    container: str
    port: int


@dataclass(frozen=True)
class Plan:
    """The plan of a task: its definition, its service and its places in target groups."""

    cluster: str
    """ARN."""
    service: str
    deployment: str
    task_definition: str
    """ARN."""
    containers: tuple[ContainerDefinition, ...]
    memberships: tuple[Membership, ...]
    cpu: str | None
    memory: str | None
    launch_type: str | None
    provider: str | None
    tags: tuple[tuple[str, str], ...]
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    grace: float
    """Seconds from the start in which failed health checks are overlooked."""
    settle: float
    """Seconds that a task without any health check must live to count as started well."""
    is_job: bool = False
    """Whether its first container must exit, because the task belongs to no service."""


def new_record(plan: Plan) -> EcsTask:
    """Return the API's record of a task before any part of it exists."""
    arn = new_task_arn(plan.cluster)
    return EcsTask(
        task_arn=arn,
        cluster_arn=plan.cluster,
        task_definition_arn=plan.task_definition,
        group=f"service:{plan.service}",
        started_by=plan.deployment,
        cpu=plan.cpu,
        memory=plan.memory,
        launch_type=plan.launch_type,
        capacity_provider_name=plan.provider,
        tags=[{"key": key, "value": value} for key, value in plan.tags],
        containers=[
            EcsContainer(
                container_arn=new_container_arn(arn),
                task_arn=arn,
                name=container.name,
                image=container.image,
                image_digest=digest_of(container.image),
                cpu=container.cpu,
                memory=container.memory,
                essential=container.essential,
            )
            for container in plan.containers
        ],
    )
