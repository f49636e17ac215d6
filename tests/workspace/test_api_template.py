"""The template of `copilot svc package -n api`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import uvicorn

from tests.workspace.rendering import ABSENT, DEPLOYMENT, IMAGE, SECRETS
from tests.workspace.requirements import must, table

if TYPE_CHECKING:
    from tests.workspace.conftest import Rendered

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
_BALANCER_KEEPS_IDLE_CONNECTIONS_SECONDS = 60

_CONTAINER = "TaskDefinition/ContainerDefinitions/api"
_MIGRATE = "TaskDefinition/ContainerDefinitions/migrate"
_POLICY = "AutoScalingPolicyECSServiceAverageCPUUtilization"
_TRACKING = f"{_POLICY}/TargetTrackingScalingPolicyConfiguration"
_UVICORN = ["uvicorn", "amply.main:app", "--host", "0.0.0.0", "--port", "8000"]
_ON_DEMAND_AND_SPOT = [
    {"CapacityProvider": "FARGATE", "Base": 2, "Weight": 1},
    {"CapacityProvider": "FARGATE_SPOT", "Weight": 3},
]
_SPOT = [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]


@table(
    must("half a processor", "TaskDefinition/Cpu", 512, 256),
    must("one GB of memory", "TaskDefinition/Memory", 1024, 512),
    must("Fargate", "TaskDefinition/RequiresCompatibilities", ["FARGATE"]),
    must("an interface of its own", "TaskDefinition/NetworkMode", "awsvpc"),
    must("the required command", f"{_CONTAINER}/Command", _UVICORN),
    must("port 8000", f"{_CONTAINER}/PortMappings/0/ContainerPort", 8000),
    must(
        "Stripe's key",
        f"{_CONTAINER}/Secrets/STRIPE_SECRET_KEY",
        f"{SECRETS}/stripe-secret-key",
        f"{SECRETS}/staging/stripe-secret-key",
    ),
    must(
        "the secret that signs Stripe's events",
        f"{_CONTAINER}/Secrets/STRIPE_WEBHOOK_SECRET",
        f"{SECRETS}/stripe-webhook-signing-key",
        f"{SECRETS}/staging/stripe-webhook-signing-key",
    ),
)
def test_task(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("api", environment).value(path) == expected


@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_the_load_balancer_closes_idle_connections_first(
    rendered: Rendered, environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in rendered.service("api", environment).items(f"{_CONTAINER}/Environment"):
        monkeypatch.setenv(variable["Name"], str(variable["Value"]))
    told = uvicorn.main.make_context("uvicorn", _UVICORN[1:]).params
    assert told["timeout_keep_alive"] > _BALANCER_KEEPS_IDLE_CONNECTIONS_SECONDS


@table(
    must("the same image", f"{_MIGRATE}/Image", IMAGE),
    must("its command", f"{_MIGRATE}/Command", ["python", "-m", "amply", "migrate"]),
    must("its end is not the task's", f"{_MIGRATE}/Essential", False),
    must(
        "the database that it migrates",
        f"{_MIGRATE}/Secrets/DATABASE_URL",
        f"{SECRETS}/database-url",
        f"{SECRETS}/staging/database-url",
    ),
    must(
        "what it is told it runs in",
        f"{_MIGRATE}/Environment/ENVIRONMENT",
        "production",
        "staging",
    ),
    must(
        "the API begins when it has succeeded",
        f"{_CONTAINER}/DependsOn",
        [{"ContainerName": "migrate", "Condition": "SUCCESS"}],
    ),
)
def test_migration(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("api", environment).value(path) == expected


@table(
    must(
        "asks for its health",
        f"{_CONTAINER}/HealthCheck/Command",
        ["CMD-SHELL", "curl -f http://localhost:8000/health/live || exit 1"],
    ),
    must("every 30 seconds", f"{_CONTAINER}/HealthCheck/Interval", 30),
    must("waits 5 seconds", f"{_CONTAINER}/HealthCheck/Timeout", 5),
    must("believes the third failure", f"{_CONTAINER}/HealthCheck/Retries", 3),
    must("gives it 60 seconds to start", f"{_CONTAINER}/HealthCheck/StartPeriod", 60),
    must("the balancer asks /health/live", "TargetGroup/HealthCheckPath", "/health/live"),
    must("the balancer: every 30 seconds", "TargetGroup/HealthCheckIntervalSeconds", 30),
    must("the balancer: waits 5 seconds", "TargetGroup/HealthCheckTimeoutSeconds", 5),
    must("the balancer: healthy after 2", "TargetGroup/HealthyThresholdCount", 2),
    must("the balancer: unhealthy after 3", "TargetGroup/UnhealthyThresholdCount", 3),
    must("the balancer: 200 alone is healthy", "TargetGroup/Matcher/HttpCode", 200),
)
def test_health_checks(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("api", environment).value(path) == expected


@table(
    must(
        "its cluster",
        "Service/Cluster",
        "import amply-prod-ClusterId",
        "import amply-staging-ClusterId",
    ),
    must("behind the balancer: container", "Service/LoadBalancers/0/ContainerName", "api"),
    must("behind the balancer: port", "Service/LoadBalancers/0/ContainerPort", 8000),
    must("behind the balancer: group", "Service/LoadBalancers/0/TargetGroupArn", "TargetGroup"),
    must("targets are addresses", "TargetGroup/TargetType", "ip"),
    must("every path is its own", "HTTPListenerRule/Conditions/0/PathPatternConfig/Values", ["/*"]),
    must(
        "drains within Spot's two minutes",
        "TargetGroup/TargetGroupAttributes/deregistration_delay.timeout_seconds",
        60,
    ),
)
def test_service(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("api", environment).value(path) == expected


@table(
    must("never below its count", f"{DEPLOYMENT}/MinimumHealthyPercent", 100),
    must("at most twice its count", f"{DEPLOYMENT}/MaximumPercent", 200),
    must("spread over the zones", "Service/AvailabilityZoneRebalancing", "ENABLED"),
    must(
        "the alarms that `ops` makes",
        f"{DEPLOYMENT}/Alarms/AlarmNames",
        ["amply-api-high-cpu", "amply-api-unhealthy"],
        ["amply-staging-api-high-cpu", "amply-staging-api-unhealthy"],
    ),
    must("are watched", f"{DEPLOYMENT}/Alarms/Enable", True),
    must("and roll back", f"{DEPLOYMENT}/Alarms/Rollback", True),
)
def test_deployment(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("api", environment).value(path) == expected


@table(
    must(
        "two on demand, then one to three",
        "Service/CapacityProviderStrategy",
        _ON_DEMAND_AND_SPOT,
        _SPOT,
    ),
    must("no launch type beside it", "Service/LaunchType", ABSENT),
    must(
        "a deploy keeps the count", "Service/DesiredCount", "DynamicDesiredCountAction.DesiredCount"
    ),
    must("two at least", "AutoScalingTarget/MinCapacity", 2, 1),
    must("ten at most", "AutoScalingTarget/MaxCapacity", 10, 2),
    must("target tracking", f"{_POLICY}/PolicyType", "TargetTrackingScaling"),
    must(
        "on the processor",
        f"{_TRACKING}/PredefinedMetricSpecification/PredefinedMetricType",
        "ECSServiceAverageCPUUtilization",
    ),
    must("at 70 %", f"{_TRACKING}/TargetValue", 70),
    must("in after 300 seconds", f"{_TRACKING}/ScaleInCooldown", 300),
    must("out after 60 seconds", f"{_TRACKING}/ScaleOutCooldown", 60),
)
def test_scaling(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.service("api", environment).value(path) == expected
