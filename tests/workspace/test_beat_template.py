"""The template of `copilot svc package -n beat`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workspace.rendering import ABSENT, DEPLOYMENT, ENVIRONMENTS
from tests.workspace.requirements import must, table

if TYPE_CHECKING:
    from tests.workspace.conftest import Rendered

_CONTAINER = "TaskDefinition/ContainerDefinitions/beat"
_CELERY = ["celery", "-A", "amply.jobs.celery_app", "beat", "--loglevel=info"]


@table(
    must("a quarter of a processor", "TaskDefinition/Cpu", 256),
    must("half a GB of memory", "TaskDefinition/Memory", 512),
    must("the required command", f"{_CONTAINER}/Command", _CELERY),
    must("not Stripe's key", f"{_CONTAINER}/Secrets/STRIPE_SECRET_KEY", ABSENT),
    must("no port", f"{_CONTAINER}/PortMappings", ABSENT),
)
def test_task(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("beat", environment).value(path) == expected


@table(
    must(
        "asks for its sign of life, not for Celery's ping",
        f"{_CONTAINER}/HealthCheck/Command",
        ["CMD", "python", "-m", "amply.jobs.health", "beat"],
    ),
    must("every 30 seconds", f"{_CONTAINER}/HealthCheck/Interval", 30),
    must("waits 10 seconds", f"{_CONTAINER}/HealthCheck/Timeout", 10),
    must("believes the third failure", f"{_CONTAINER}/HealthCheck/Retries", 3),
    must("gives it 60 seconds to start", f"{_CONTAINER}/HealthCheck/StartPeriod", 60),
)
def test_health_check(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("beat", environment).value(path) == expected


@table(
    must("exactly one", "Service/DesiredCount", 1),
    must("none before the next one starts", f"{DEPLOYMENT}/MinimumHealthyPercent", 0),
    must("never two", f"{DEPLOYMENT}/MaximumPercent", 100),
    must("not even between zones", "Service/AvailabilityZoneRebalancing", "DISABLED"),
    must("on demand", "Service/LaunchType", "FARGATE"),
    must("never on Spot", "Service/CapacityProviderStrategy", ABSENT),
    must("no load balancer", "Service/LoadBalancers", ABSENT),
)
def test_service(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("beat", environment).value(path) == expected


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_scales_it(rendered: Rendered, environment: str) -> None:
    stack = rendered.service("beat", environment)
    assert stack.of_type("AWS::ApplicationAutoScaling::ScalableTarget") == []
