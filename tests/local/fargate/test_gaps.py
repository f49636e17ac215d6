"""moto's gaps in tasks, services and target health: they exist, and the embedded AWS closes
them.

A test named `moto_still_…` fails once moto closes the gap; its file and its tests can then be
removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.ecs.models import EC2ContainerServiceBackend, ecs_backends

from ops.local.fargate.tasks.plan import Plan, new_record
from ops.local.gaps import elbv2_target_health
from ops.local.gaps.ecs import services as ecs_services
from ops.local.gaps.ecs import tasks as ecs_tasks
from ops.local.gaps.elbv2_target_health import DRAINING, HEALTHY, TargetHealth, report
from tests.local.fargate.plain_moto import plain_moto
from tests.local.fargate.world import REGION, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.fargate.world import Apis

STRATEGY: list[Any] = [{"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 1}]
CONFIGURATION: Any = {"minimumHealthyPercent": 50, "maximumPercent": 200}
CONTAINERS: list[Any] = [{"name": n, "image": "i", "memory": 128} for n in ("one", "two")]


@pytest.fixture(scope="module")
def plain() -> Iterator[Apis]:
    """Return an unchanged moto with a cluster, a service and an unrelated task."""
    with plain_moto() as apis:
        prepare(apis)
        yield apis


def prepare(apis: Apis | World) -> None:
    apis.ecs.create_cluster(clusterName="amply")
    for _ in range(2):
        apis.ecs.register_task_definition(
            family="f",
            memory="512",
            requiresCompatibilities=["EC2"],
            networkMode="bridge",
            containerDefinitions=CONTAINERS,
        )
    apis.ecs.create_service(
        cluster="amply",
        serviceName="svc",
        taskDefinition="f:1",
        desiredCount=2,
        capacityProviderStrategy=STRATEGY,
        deploymentConfiguration=CONFIGURATION,
        healthCheckGracePeriodSeconds=7,
    )


def create_external(apis: Apis | World) -> Any:  # noqa: ANN401 - dict of the API
    return apis.ecs.create_service(
        cluster="amply", serviceName="outside", taskDefinition="f:1", launchType="EXTERNAL"
    )


def described(apis: Apis | World) -> Any:  # noqa: ANN401 - dict of the API
    return apis.ecs.describe_services(cluster="amply", services=["svc"])["services"][0]


def group_with_target(apis: Apis | World, vpc: str) -> str:
    group = apis.elbv2.create_target_group(
        Name="g", Protocol="HTTP", Port=8000, TargetType="ip", VpcId=vpc
    )["TargetGroups"][0]["TargetGroupArn"]
    apis.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "127.8.0.1", "Port": 8000}])
    return group


def target(apis: Apis | World, group: str) -> Any:  # noqa: ANN401 - dict of the API
    return apis.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]


def test_moto_still_drops_settings_of_a_service(plain: Apis) -> None:
    service = described(plain)
    assert "capacityProviderStrategy" not in service
    assert "deploymentConfiguration" not in service
    assert "healthCheckGracePeriodSeconds" not in service


def test_moto_still_refuses_services_on_external_instances(plain: Apis) -> None:
    with pytest.raises(plain.ecs.exceptions.ClientException):
        create_external(plain)


def test_moto_still_keeps_one_deployment_and_counts_no_tasks(plain: Apis) -> None:
    plain.ecs.update_service(cluster="amply", service="svc", taskDefinition="f:2", desiredCount=3)
    service = described(plain)
    (deployment,) = service["deployments"]
    assert deployment["taskDefinition"].endswith("f:1")
    assert service["runningCount"] == 3


def test_moto_still_lists_tasks_of_other_services_and_knows_one_container(plain: Apis) -> None:
    (task,) = plain.ecs.run_task(cluster="amply", taskDefinition="f:1", launchType="FARGATE")[
        "tasks"
    ]
    listed = plain.ecs.list_tasks(cluster="amply", serviceName="svc")["taskArns"]
    assert listed == [task["taskArn"]]
    assert [c["name"] for c in task["containers"]] == ["one"]
    statuses = [
        plain.ecs.describe_tasks(cluster="amply", tasks=listed)["tasks"][0]["lastStatus"]
        for _ in range(3)
    ]
    assert len(set(statuses)) > 1, "a task that nobody touches changes from read to read"
    plain.ecs.stop_task(cluster="amply", task=task["taskArn"])
    assert plain.ecs.list_tasks(cluster="amply")["taskArns"] == listed


def test_moto_still_calls_every_target_healthy(plain: Apis) -> None:
    ec2 = boto3.Session("embedded", "embedded", region_name=REGION).client(
        "ec2", endpoint_url=plain.endpoint
    )
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    told = target(plain, group_with_target(plain, vpc))
    assert told["TargetHealth"] == {"State": "healthy"}
    assert told["HealthCheckPort"] == "traffic-port"


def test_services_keep_their_settings(world: World) -> None:
    prepare(world)
    service = described(world)
    assert service["capacityProviderStrategy"] == STRATEGY
    assert service["deploymentConfiguration"] == CONFIGURATION
    assert service["healthCheckGracePeriodSeconds"] == 7
    assert "launchType" not in service


def test_a_service_may_run_on_external_instances(world: World) -> None:
    prepare(world)
    service = create_external(world)["service"]
    assert service["launchType"] == "EXTERNAL"
    assert service["deployments"][0]["launchType"] == "EXTERNAL"


def test_an_update_of_what_tasks_are_made_of_opens_a_deployment(world: World) -> None:
    prepare(world)
    world.ecs.update_service(cluster="amply", service="svc", desiredCount=3)
    assert len(described(world)["deployments"]) == 1
    world.ecs.update_service(cluster="amply", service="svc", taskDefinition="f")
    world.ecs.update_service(cluster="amply", service="svc", forceNewDeployment=True)
    deployments = described(world)["deployments"]
    assert [d["status"] for d in deployments] == ["PRIMARY", "ACTIVE", "ACTIVE"]
    assert [d["taskDefinition"][-1] for d in deployments] == ["2", "2", "1"]
    assert len({d["id"] for d in deployments}) == 3


def test_tasks_are_listed_by_service_and_counted_by_status(world: World) -> None:
    prepare(world)
    backend = ecs_backends["123456789012"][REGION]
    mine, other = record_of(world, "svc"), record_of(world, "other")
    for task in (mine, other):
        ecs_tasks.record(backend, task)
    listed = world.ecs.list_tasks(cluster="amply", serviceName="svc")["taskArns"]
    assert listed == [mine.task_arn]
    assert (described(world)["runningCount"], described(world)["pendingCount"]) == (0, 1)
    mine.last_status = "RUNNING"
    assert (described(world)["runningCount"], described(world)["pendingCount"]) == (1, 0)


def test_a_stop_is_asked_and_no_more(world: World) -> None:
    prepare(world)
    task = record_of(world, "svc")
    task.last_status = "RUNNING"
    ecs_tasks.record(ecs_backends["123456789012"][REGION], task)
    world.ecs.stop_task(cluster="amply", task=task.task_arn, reason="because")
    told = world.ecs.describe_tasks(cluster="amply", tasks=[task.task_arn])["tasks"][0]
    assert (told["lastStatus"], told["desiredStatus"]) == ("RUNNING", "STOPPED")
    assert (told["stopCode"], told["stoppedReason"]) == ("UserInitiated", "because")
    assert world.ecs.list_tasks(cluster="amply")["taskArns"] == []
    with pytest.raises(world.ecs.exceptions.InvalidParameterException, match="was not found"):
        world.ecs.stop_task(cluster="amply", task="0" * 32)


def test_a_targets_health_is_what_was_reported(world: World) -> None:
    arn = group_with_target(world, world.vpc)
    group = world.elbv2_backend.target_groups[arn]
    assert target(world, arn)["TargetHealth"]["Reason"] == "Elb.RegistrationInProgress"
    ill = TargetHealth("unhealthy", "Target.Timeout", "Request timed out")
    for health, state in ((HEALTHY, "healthy"), (ill, "unhealthy")):
        report(group, "127.8.0.1", health)
        assert target(world, arn)["TargetHealth"]["State"] == state
    assert target(world, arn)["HealthCheckPort"] == "8000"
    report(group, "127.8.0.1", DRAINING)
    world.elbv2.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": "127.8.0.1"}])
    assert target(world, arn)["TargetHealth"]["State"] == "draining"
    report(group, "127.8.0.1", None)
    left = world.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert left == []


@pytest.mark.parametrize("gap", [ecs_services, ecs_tasks, elbv2_target_health])
def test_closing_twice_does_no_harm(world: World, gap: Any) -> None:  # noqa: ANN401 - a module
    before = EC2ContainerServiceBackend.list_tasks
    gap.close()
    assert EC2ContainerServiceBackend.list_tasks is before


def record_of(world: World, service: str) -> ecs_tasks.EcsTask:
    cluster = world.ecs.describe_clusters(clusters=["amply"])["clusters"][0]["clusterArn"]
    definition = world.ecs.describe_task_definition(taskDefinition="f")["taskDefinition"]
    return new_record(
        Plan(
            cluster=cluster,
            service=service,
            deployment="ecs-svc/1",
            task_definition=definition["taskDefinitionArn"],
            containers=(),
            memberships=(),
            cpu=None,
            memory="512",
            launch_type="FARGATE",
            provider=None,
            tags=(),
            subnets=(),
            security_groups=(),
            grace=0,
            settle=0,
        )
    )
