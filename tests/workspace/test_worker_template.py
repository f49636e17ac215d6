"""The template of `copilot svc package -n worker`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workspace.rendering import ABSENT, DEPLOYMENT, ENVIRONMENTS, MAIL_FROM, SECRETS
from tests.workspace.requirements import must, table

if TYPE_CHECKING:
    from tests.workspace.conftest import Rendered

_CONTAINER = "TaskDefinition/ContainerDefinitions/worker"
_CELERY = ["celery", "-A", "amply.jobs.celery_app", "worker", "--loglevel=info"]


@table(
    must("half a processor", "TaskDefinition/Cpu", 512, 256),
    must("one GB of memory", "TaskDefinition/Memory", 1024, 512),
    must("the required command", f"{_CONTAINER}/Command", _CELERY),
    must(
        "the sender of receipts",
        f"{_CONTAINER}/Environment/MAIL_FROM",
        MAIL_FROM,
    ),
    must(
        "Stripe's key",
        f"{_CONTAINER}/Secrets/STRIPE_SECRET_KEY",
        f"{SECRETS}/stripe-secret-key",
        f"{SECRETS}/staging/stripe-secret-key",
    ),
    must("two minutes to end its tasks", f"{_CONTAINER}/StopTimeout", 120),
    must("no port", f"{_CONTAINER}/PortMappings", ABSENT),
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
    must("no load balancer", "Service/LoadBalancers", ABSENT),
    must("half of them stay", f"{DEPLOYMENT}/MinimumHealthyPercent", 50),
    must("at most twice its count", f"{DEPLOYMENT}/MaximumPercent", 200),
    must("spread over the zones", "Service/AvailabilityZoneRebalancing", "ENABLED"),
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
