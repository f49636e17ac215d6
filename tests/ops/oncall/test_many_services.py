"""`ops status` of an environment with many services makes fewer calls than services."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.ops.conftest import Ops
from tests.ops.support.copilot_stacks import cluster_name

MANY = 60


@pytest.fixture
def many(aws: None, workspace: Path) -> None:
    """Create services with Copilot's tags, a queue, a policy and a schedule each,
    without stacks.
    """
    ecs, queue = boto3.client("ecs"), "queue: {{name: {0}-jobs, dead_letters: {0}-dead}}\n"
    cluster = cluster_name("shop", "prod")
    ecs.create_cluster(clusterName=cluster)
    container: Any = {"name": "main", "image": "nginx", "memory": 512}
    ecs.register_task_definition(family="shop", containerDefinitions=[container])
    for at in range(MANY):
        name = f"service-{at:02}"
        directory = workspace / "copilot" / name
        directory.mkdir()
        (directory / "manifest.yml").write_text(f"name: {name}\ntype: Backend Service\n")
        (directory / "ops.yml").write_text(queue.format(name))
        tags = {"application": "shop", "environment": "prod", "service": name}
        ecs.create_service(
            cluster=cluster,
            serviceName=f"shop-prod-{name}-Service",
            taskDefinition="shop",
            desiredCount=2,
            tags=[{"key": f"copilot-{key}", "value": value} for key, value in tags.items()],
        )
        scale(f"service/{cluster}/shop-prod-{name}-Service")
    for name in ("web", "worker"):
        for path in (workspace / "copilot" / name).iterdir():
            path.unlink()
        (workspace / "copilot" / name).rmdir()


def scale(resource_id: str) -> None:
    scaling = boto3.client("application-autoscaling")
    target: Any = {
        "ServiceNamespace": "ecs",
        "ResourceId": resource_id,
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=4)
    scaling.put_scheduled_action(
        **target,
        ScheduledActionName="night",
        Schedule="cron(0 20 * * ? *)",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
    )


def test_a_screen_of_many_services_makes_fewer_calls_than_there_are_services(
    ops: Ops, many: None, calls: list[str]
) -> None:
    shown = ops("status", "--env", "prod")
    assert shown.code == 0, shown.err
    assert shown.out.count(" running / 2 desired") == MANY
    assert shown.out.count("1 to 4 tasks") == MANY
    assert "This is an overview of many services" in shown.out
    assert len(calls) <= MANY / 2, Counter(calls)
    assert Counter(calls)["DescribeServices"] == MANY / 10


def test_queues_of_many_services_are_as_cloudwatch_has_them(ops: Ops, many: None) -> None:
    values = {
        "ApproximateNumberOfMessagesVisible": 40,
        "ApproximateAgeOfOldestMessage": 90,
        "NumberOfMessagesSent": 120,
        "NumberOfMessagesDeleted": 30,
    }
    data: Any = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": "QueueName", "Value": "service-07-jobs"}],
            "Timestamp": datetime.now(UTC) - timedelta(minutes=3),
            "Value": value,
        }
        for name, value in values.items()
    ]
    boto3.client("cloudwatch").put_metric_data(Namespace="AWS/SQS", MetricData=data)
    services = ops("status", "--env", "prod", "--output", "json").data["services"]
    queue = next(each["queue"] for each in services if each["service"] == "service-07")
    assert (queue["visible"], queue["age"], queue["dead"]) == (40, 90, 0)
    assert (queue["sent"], queue["deleted"]) == (12, 3)


def test_one_service_among_many_is_shown_whole(ops: Ops, many: None, calls: list[str]) -> None:
    """One service is found by its stack, which does not exist here."""
    shown = ops("status", "service-07", "--env", "prod")
    assert "`service-07` is not deployed to `prod` yet" in shown.err
    assert "overview" not in shown.out
