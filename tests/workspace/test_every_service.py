"""Values in the template of each of the three services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workspace.rendering import ABSENT, DEPLOYMENT, ENVIRONMENTS, IMAGE, SECRETS, SERVICES
from tests.workspace.requirements import must, table

if TYPE_CHECKING:
    from tests.workspace.conftest import Rendered

_CONTAINER = "TaskDefinition/ContainerDefinitions/{service}"
_NETWORK = "Service/NetworkConfiguration/AwsvpcConfiguration"


@pytest.mark.parametrize("service", SERVICES)
@table(
    must("the one image of the backend", f"{_CONTAINER}/Image", IMAGE),
    must(
        "what it is told it runs in",
        f"{_CONTAINER}/Environment/ENVIRONMENT",
        "production",
        "staging",
    ),
    must(
        "the queue's address",
        f"{_CONTAINER}/Environment/CELERY_QUEUE_URL",
        "import amply-prod-CeleryQueueUrl",
        "import amply-staging-CeleryQueueUrl",
    ),
    must(
        "the database's address",
        f"{_CONTAINER}/Secrets/DATABASE_URL",
        f"{SECRETS}/database-url",
        f"{SECRETS}/staging/database-url",
    ),
    must(
        "Redis's address",
        f"{_CONTAINER}/Secrets/REDIS_URL",
        f"{SECRETS}/redis-url",
        f"{SECRETS}/staging/redis-url",
    ),
    must("a read-only root filesystem", f"{_CONTAINER}/ReadonlyRootFilesystem", True),
    must(
        "a writable /tmp",
        f"{_CONTAINER}/MountPoints",
        [{"ContainerPath": "/tmp", "ReadOnly": False, "SourceVolume": "tmp"}],  # noqa: S108
    ),
    must("an empty volume for it", "TaskDefinition/Volumes", [{"Name": "tmp"}]),
    must("the platform's version", "Service/PlatformVersion", "LATEST"),
    must("no public address", f"{_NETWORK}/AssignPublicIp", "DISABLED"),
    must(
        "private subnets",
        f"{_NETWORK}/Subnets",
        ["import amply-prod-PrivateSubnets"],
        ["import amply-staging-PrivateSubnets"],
    ),
    must("no shell into a task", "Service/EnableExecuteCommand", ABSENT),
    must("the circuit breaker", f"{DEPLOYMENT}/DeploymentCircuitBreaker/Enable", True),
    must("rolls back", f"{DEPLOYMENT}/DeploymentCircuitBreaker/Rollback", True),
    must("how long logs are kept", "LogGroup/RetentionInDays", 30, 7),
)
def test_service(
    rendered: Rendered, service: str, environment: str, path: str, expected: object
) -> None:
    stack = rendered.service(service, environment)
    assert stack.value(path.format(service=service)) == expected


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("service", SERVICES)
def test_its_name_and_where_copilot_looks_for_its_logs(
    rendered: Rendered, service: str, environment: str
) -> None:
    stack = rendered.service(service, environment)
    assert stack.value("Service/ServiceName") == f"amply-{service}"
    assert stack.value("LogGroup/LogGroupName") == f"/copilot/amply-{environment}-{service}"
