"""What `copilot svc package -n worker` must render."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workspace.rendering import ABSENT, ENVIRONMENTS, IMAGE_TAG, MAIL_FROM, REGISTRY
from tests.workspace.requirements import must, table

if TYPE_CHECKING:
    from tests.workspace.conftest import Rendered

_CONTAINER = "TaskDefinition/ContainerDefinitions/worker"
_SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:amply"
_DEPLOYMENT = "Service/DeploymentConfiguration"
_NETWORK = "Service/NetworkConfiguration/AwsvpcConfiguration"
_CELERY = ["celery", "-A", "amply.jobs.celery_app", "worker", "--loglevel=info"]


@table(
    must("half a processor", "TaskDefinition/Cpu", 512, 256),
    must("one GB of memory", "TaskDefinition/Memory", 1024, 512),
    must(
        "the one image of the backend",
        f"{_CONTAINER}/Image",
        f"{REGISTRY}/amply-backend:{IMAGE_TAG}",
    ),
    must("the page's command", f"{_CONTAINER}/Command", _CELERY),
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
        "the sender of receipts",
        f"{_CONTAINER}/Environment/MAIL_FROM",
        MAIL_FROM,
    ),
    must(
        "the database's address",
        f"{_CONTAINER}/Secrets/DATABASE_URL",
        f"{_SECRET}/database-url",
        f"{_SECRET}/staging/database-url",
    ),
    must(
        "Stripe's key",
        f"{_CONTAINER}/Secrets/STRIPE_SECRET_KEY",
        f"{_SECRET}/stripe-secret",
        f"{_SECRET}/staging/stripe-secret",
    ),
    must(
        "Redis's address",
        f"{_CONTAINER}/Secrets/REDIS_URL",
        f"{_SECRET}/redis-url",
        f"{_SECRET}/staging/redis-url",
    ),
    must("two minutes to end its tasks", f"{_CONTAINER}/StopTimeout", 120),
    must("no port", f"{_CONTAINER}/PortMappings", ABSENT),
    must("a read-only root filesystem", f"{_CONTAINER}/ReadonlyRootFilesystem", True),
    must("a writable /tmp", f"{_CONTAINER}/MountPoints/0/ContainerPath", "/tmp"),  # noqa: S108
)
def test_task(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("worker", environment).value(path) == expected


@table(
    must(
        "asks for its sign of life, not for Celery's ping",
        f"{_CONTAINER}/HealthCheck/Command",
        ["CMD", "python", "-m", "amply.jobs.health", "worker"],
    ),
    must("every 30 seconds", f"{_CONTAINER}/HealthCheck/Interval", 30),
    must("waits 10 seconds", f"{_CONTAINER}/HealthCheck/Timeout", 10),
    must("believes the third failure", f"{_CONTAINER}/HealthCheck/Retries", 3),
    must("gives it 60 seconds to start", f"{_CONTAINER}/HealthCheck/StartPeriod", 60),
)
def test_health_check(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("worker", environment).value(path) == expected


@table(
    must("its name", "Service/ServiceName", "amply-worker"),
    must("the platform's version", "Service/PlatformVersion", "LATEST"),
    must("no load balancer", "Service/LoadBalancers", ABSENT),
    must("no public address", f"{_NETWORK}/AssignPublicIp", "DISABLED"),
    must(
        "private subnets",
        f"{_NETWORK}/Subnets",
        ["import amply-prod-PrivateSubnets"],
        ["import amply-staging-PrivateSubnets"],
    ),
    must("no shell into a task", "Service/EnableExecuteCommand", ABSENT),
    must("half of them stay", f"{_DEPLOYMENT}/MinimumHealthyPercent", 50),
    must("at most twice its count", f"{_DEPLOYMENT}/MaximumPercent", 200),
    must("the circuit breaker", f"{_DEPLOYMENT}/DeploymentCircuitBreaker/Enable", True),
    must("rolls back", f"{_DEPLOYMENT}/DeploymentCircuitBreaker/Rollback", True),
    must(
        "its log group, where `copilot svc logs` looks",
        "LogGroup/LogGroupName",
        "/copilot/amply-prod-worker",
        "/copilot/amply-staging-worker",
    ),
    must("how long logs are kept", "LogGroup/RetentionInDays", 30, 7),
)
def test_service(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("worker", environment).value(path) == expected


@table(
    must("no launch type", "Service/LaunchType", ABSENT),
    must(
        "a deploy keeps the count", "Service/DesiredCount", "DynamicDesiredCountAction.DesiredCount"
    ),
    must("starts with two", "DynamicDesiredCountAction/DefaultDesiredCount", 2, 1),
    must("two at least", "AutoScalingTarget/MinCapacity", 2, 1),
    must("twenty at most", "AutoScalingTarget/MaxCapacity", 20, 4),
)
def test_scaling(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("worker", environment).value(path) == expected


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_of_copilots_scales_it(rendered: Rendered, environment: str) -> None:
    stack = rendered.service("worker", environment)
    assert stack.of_type("AWS::ApplicationAutoScaling::ScalingPolicy") == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_task_is_on_spot(rendered: Rendered, environment: str) -> None:
    strategy = rendered.service("worker", environment).items("Service/CapacityProviderStrategy")
    used = [p for p in strategy if p["Weight"] != "0" or p.get("Base", "0") != "0"]
    assert used == [{"CapacityProvider": "FARGATE_SPOT", "Weight": "1"}]
