"""Service deployments and revisions in ECS's API, and stopped deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from ops.local.gaps.ecs import service_deployments
from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.fargate import Fargate
    from tests.local.fargate.world import World

BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


@pytest.fixture(autouse=True)
def closed() -> None:
    service_deployments.close()


def deployments(world: World, *statuses: str) -> list[dict[str, Any]]:
    """The service deployments, newest first, in full."""
    api: Any = world.ecs
    listed = api.list_service_deployments(
        cluster=world.cluster, service="svc", status=list(statuses)
    )["serviceDeployments"]
    arns = [each["serviceDeploymentArn"] for each in listed]
    if not arns:
        return []
    found = api.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"]
    return list(found)


def update(world: World, definition: str) -> None:
    world.ecs.update_service(cluster=world.cluster, service="svc", taskDefinition=definition)


def test_a_rollback_is_part_of_the_deployment_that_failed(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    good = world.define_web()
    world.serve(good, deployment=BREAKER)
    started = fargate()
    started.wait_until_steady(WAIT)
    [first] = deployments(world)
    assert first["status"] == "SUCCESSFUL"
    update(world, world.define("python", "-c", "raise SystemExit(3)"))
    until("it goes back", lambda: deployments(world, "ROLLBACK_SUCCESSFUL"))
    failed, again = deployments(world)
    assert again["serviceDeploymentArn"] == first["serviceDeploymentArn"]
    assert ":service-deployment/amply-test/svc/" in failed["serviceDeploymentArn"]
    assert "tasks failed to start" in failed["rollback"]["reason"]
    assert failed["rollback"]["serviceRevisionArn"] == first["targetServiceRevision"]["arn"]
    assert failed["sourceServiceRevisions"][0]["arn"] == first["targetServiceRevision"]["arn"]
    assert failed["finishedAt"] >= failed["createdAt"]
    api: Any = world.ecs
    arns = [failed["rollback"]["serviceRevisionArn"], failed["targetServiceRevision"]["arn"]]
    revisions = api.describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
    assert {each["taskDefinition"] for each in revisions} >= {good}
    assert revisions[0]["containerImages"][0]["image"] == "embedded"


def test_a_stopped_deployment_goes_back_without_a_circuit_breaker(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    good = world.define_web()
    world.serve(good)
    started = fargate()
    started.wait_until_steady(WAIT)
    check = {"command": ["CMD", "false"], "interval": 300, "retries": 10}
    update(world, world.define_web("2", healthCheck=check))
    [running] = until("it is in progress", lambda: deployments(world, "IN_PROGRESS"))
    api: Any = world.ecs
    arn = running["serviceDeploymentArn"]
    api.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    until("it goes back", lambda: deployments(world, "ROLLBACK_SUCCESSFUL"))
    [service] = world.ecs.describe_services(cluster=world.cluster, services=["svc"])["services"]
    assert service["taskDefinition"] == good
    with pytest.raises(ClientError, match="not in progress"):
        api.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    with pytest.raises(ClientError, match="cannot be found"):
        api.stop_service_deployment(serviceDeploymentArn=f"{arn}0", stopType="ROLLBACK")


def test_moto_still_lacks_service_deployments() -> None:
    from moto.ecs.models import EC2ContainerServiceBackend  # noqa: PLC0415

    names = ("list_service_deployments", "describe_service_deployments", "stop_service_deployment")
    assert not [name for name in names if hasattr(EC2ContainerServiceBackend, name)]
