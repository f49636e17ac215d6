"""ECS clusters, task definitions and services, created with the API.

moto's own CloudFormation models drop their tags, size, roles, network, load balancers, capacity
providers and deployment configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType
from ops.local.cloudformation.resources.shapes import call

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource

# CPU units to the memory sizes (MiB) that Fargate offers with them. Source: "Amazon ECS task
# definition parameters for Fargate", task size.
_FARGATE_MEMORY = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}


class PropertyError(Exception):
    """A property that ECS refuses; the message resembles ECS's."""


class Cluster(ResourceType):
    """AWS::ECS::Cluster; its name cannot change, its settings can."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the cluster with its own or a generated name."""
        name = properties.get("ClusterName") or context.generated_name("AWS::ECS::Cluster")
        answer = call(
            context.world.client("ecs"),
            "create_cluster",
            properties | {"ClusterName": name, "Settings": properties.get("ClusterSettings", [])},
        )
        return Made(name, {"Arn": answer["cluster"]["clusterArn"]})

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Replace the cluster if its name changes; otherwise update its settings."""
        name = resource.physical_resource_id
        if properties.get("ClusterName", name) != name:
            return None
        settings = {"Cluster": name, "Settings": properties.get("ClusterSettings", [])}
        call(context.world.client("ecs"), "update_cluster", settings)
        return Made(resource.physical_resource_id, resource.attributes)

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the cluster."""
        context.world.client("ecs").delete_cluster(cluster=resource.physical_resource_id)


class TaskDefinition(ResourceType):
    """AWS::ECS::TaskDefinition; each change is a new revision."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Register a revision."""
        _check_size(properties)
        answer = call(context.world.client("ecs"), "register_task_definition", properties)
        arn = answer["taskDefinition"]["taskDefinitionArn"]
        return Made(arn, {"TaskDefinitionArn": arn})

    def delete(self, context: Context, resource: Resource) -> None:
        """Deregister the revision."""
        context.world.client("ecs").deregister_task_definition(
            taskDefinition=resource.physical_resource_id
        )


def _check_size(properties: Properties) -> None:
    if "FARGATE" not in properties.get("RequiresCompatibilities", []):
        return
    cpu, memory = int(properties.get("Cpu", 0)), int(properties.get("Memory", 0))
    if memory not in _FARGATE_MEMORY.get(cpu, ()):
        raise PropertyError(
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. "
            "See the Amazon ECS documentation for the valid values."
        )


class Service(ResourceType):
    """AWS::ECS::Service, complete once its tasks have reached a steady state."""

    def create(self, context: Context, properties: Properties) -> Made:
        """Create the service."""
        if properties.get("LaunchType") and properties.get("CapacityProviderStrategy"):
            raise PropertyError(
                "Invalid request provided: CreateService error: Specifying both a launch type "
                "and capacity provider strategy is not supported. Remove one and try again."
            )
        _check_rebalancing(properties)
        name = properties.get("ServiceName") or context.generated_name("AWS::ECS::Service")
        answer = call(
            context.world.client("ecs"), "create_service", properties | {"ServiceName": name}
        )
        arn = answer["service"]["serviceArn"]
        return Made(arn, {"Name": name, "ServiceArn": arn})

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made | None:
        """Change the service in place; replace it if its name or cluster differs."""
        for fixed in ("Cluster", "ServiceName", "LaunchType"):
            if properties.get(fixed) != resource.properties.get(fixed):
                return None
        _check_rebalancing(properties)
        changed = properties | {"Service": resource.physical_resource_id}
        call(context.world.client("ecs"), "update_service", changed)
        return Made(resource.physical_resource_id, resource.attributes)

    def settle(self, context: Context, resource: Resource) -> None:
        """Wait until the service's tasks are in a steady state."""
        context.world.settled(resource.properties["Cluster"], resource.physical_resource_id)

    def delete(self, context: Context, resource: Resource) -> None:
        """Delete the service with its tasks."""
        context.world.client("ecs").delete_service(
            cluster=resource.properties["Cluster"],
            service=resource.physical_resource_id,
            force=True,
        )


def _check_rebalancing(properties: Properties) -> None:
    """Reject settings that exclude each other.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
    """
    most = int((properties.get("DeploymentConfiguration") or {}).get("MaximumPercent", 200))
    if properties.get("AvailabilityZoneRebalancing") == "ENABLED" and most <= 100:
        raise PropertyError(
            "Invalid request provided: Availability Zone rebalancing does not support a "
            "maximumPercent of 100 or less."
        )


TYPES: dict[str, ResourceType] = {
    "AWS::ECS::Cluster": Cluster(),
    "AWS::ECS::TaskDefinition": TaskDefinition(),
    "AWS::ECS::Service": Service(),
}
