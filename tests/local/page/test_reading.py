"""The page's data about services, tasks, alarms and queues of an embedded AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.local.page.history import History
from ops.local.page.reading import Reading

if TYPE_CHECKING:
    from ops.local.endpoint.server import EmbeddedAws


def deploy(aws: EmbeddedAws, name: str, count: int) -> str:
    """Create a service with the tags that Copilot gives it."""
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName=name)
    ecs.register_task_definition(
        family=name, containerDefinitions=[{"name": "web", "image": "web", "memory": 128}]
    )
    service: dict[str, Any] = ecs.create_service(
        cluster=name,
        serviceName=f"{name}-Service-1A2B",
        taskDefinition=name,
        desiredCount=count,
        tags=[{"key": "copilot-service", "value": f"web-{name}"}],
    )["service"]
    return str(service["serviceName"])


def test_a_service_has_the_name_that_copilot_gives_it(aws: EmbeddedAws, name: str) -> None:
    ecs_name = deploy(aws, name, 2)
    services = Reading(aws.client).read()["services"]
    (service,) = [each for each in services if each["name"] == f"web-{name}"]
    assert (service["ecs_name"], service["desired"]) == (ecs_name, 2)
    assert service["deployments"][0]["revision"] == "1"


def test_alarms_have_a_state_and_a_reason(aws: EmbeddedAws, name: str) -> None:
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="Depth",
        Namespace="shop",
        Period=60,
        Statistic="Maximum",
        Threshold=1,
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="12 > 1")
    (alarm,) = [each for each in Reading(aws.client).read()["alarms"] if each["name"] == name]
    assert (alarm["state"], alarm["reason"]) == ("ALARM", "12 > 1")
    assert alarm["since"] is not None


def test_the_curves_count_tasks_and_messages(aws: EmbeddedAws, name: str) -> None:
    deploy(aws, name, 1)
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    times = iter((1.0, 2.0))
    history = History(aws.region, lambda: next(times))
    history.sample()
    sqs.send_message(QueueUrl=url, MessageBody="a")
    history.sample()
    points = history.since(0)
    assert [point["messages"][name] for point in points] == [0, 1]
    assert points[0]["desired"][f"web-{name}"] == 1
    assert [point["time"] for point in history.since(1.0)] == [2.0]
