"""What the repository's own `ops.yml` files come to: the values of the design page."""

from pathlib import Path
from typing import Any

import pytest

from ops.alarms.desired import desired as alarms
from ops.declarations import SHARED, read_declarations
from ops.images.desired import desired as images
from ops.kinds import KINDS
from ops.place import ApplicationPlace, ServicePlace, ServiceStack
from ops.plan import Resource
from ops.scaling.desired import desired as scaling
from ops.workspace import load_workspace

ROOT = Path(__file__).parents[2]


def place(service: str, environment: str) -> ServicePlace:
    stack = ServiceStack(
        name=f"amply-{environment}-{service}",
        cluster=f"amply-{environment}",
        service=f"amply-{service}",
        target_group="targetgroup/api/1",
        load_balancer="app/public/2",
        scalable_target=f"service/amply-{environment}/amply-{service}",
    )
    return ServicePlace("amply", environment, service, stack)


def sections(environment: str) -> Any:  # noqa: ANN401  # each kind's own settings
    return read_declarations(load_workspace(ROOT), KINDS, environment).sections


def alarms_in(environment: str) -> dict[str, Resource]:
    wanted = alarms(sections(environment)["alarms"]["api"], place("api", environment))
    return {each.name: each for each in wanted}


def test_production_has_the_alarms_of_the_page() -> None:
    wanted = alarms_in("prod")
    assert wanted.keys() == {"amply-api-high-cpu", "amply-api-unhealthy"}
    cpu = wanted["amply-api-high-cpu"].properties
    assert (cpu["Namespace"], cpu["MetricName"]) == ("AWS/ECS", "CPUUtilization")
    assert (cpu["Threshold"], cpu["EvaluationPeriods"]) == (80, 3)
    unhealthy = wanted["amply-api-unhealthy"].properties
    assert unhealthy["Namespace"] == "AWS/ApplicationELB"
    assert unhealthy["MetricName"] == "UnHealthyHostCount"
    assert unhealthy["Threshold"] == 1
    assert unhealthy["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"


def test_every_alarm_has_its_runbook() -> None:
    for alarm in alarms_in("prod").values():
        description = str(alarm.properties["AlarmDescription"])
        runbook = description.split("Runbook: ", 1)[1].split(maxsplit=1)[0]
        assert (ROOT / runbook).is_file()


@pytest.mark.parametrize(
    ("environment", "queue"),
    [("prod", "amply-celery-queue"), ("staging", "amply-staging-celery-queue")],
)
def test_the_worker_scales_on_the_queue_of_its_environment(environment: str, queue: str) -> None:
    [policy] = scaling(sections(environment)["scaling"]["worker"], place("worker", environment))
    configuration: Any = policy.properties["TargetTrackingScalingPolicyConfiguration"]
    metric = configuration["CustomizedMetricSpecification"]
    assert configuration["TargetValue"] == 100
    assert metric["Namespace"] == "AWS/SQS"
    assert metric["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert metric["Statistic"] == "Average"
    assert metric["Dimensions"] == [{"Name": "QueueName", "Value": queue}]


def test_the_repository_keeps_ten_images() -> None:
    [repository] = images(sections("prod")["images"][SHARED], ApplicationPlace("amply"))
    assert repository.name == "amply-backend"
    assert repository.properties == {
        "imageScanningConfiguration": {"scanOnPush": True},
        "imageTagMutability": "IMMUTABLE",
        "lifecyclePolicy": {
            "rules": [
                {
                    "rulePriority": 1,
                    "description": "Keep last 10 images",
                    "selection": {
                        "tagStatus": "any",
                        "countType": "imageCountMoreThan",
                        "countNumber": 10,
                    },
                    "action": {"type": "expire"},
                }
            ]
        },
    }
