"""`ops status` and `ops why` against moto over HTTP, whose ECS runs no tasks."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.ops.conftest import Ops
from tests.ops.oncall.conftest import DEAD, JOBS
from tests.ops.support.copilot_stacks import target_name
from tests.ops.support.faults import FirstCalls

WORKER: dict[str, Any] = {
    "ServiceNamespace": "ecs",
    "ResourceId": target_name("shop", "prod", "worker"),
    "ScalableDimension": "ecs:service:DesiredCount",
}


@pytest.fixture
def busy(queues: dict[str, str]) -> None:
    """Create alarms, a policy, seven messages, a dead letter, new limits and a schedule."""
    watch()
    scale()
    sqs = boto3.client("sqs")
    for _ in range(7):
        sqs.send_message(QueueUrl=queues[JOBS], MessageBody="work")
    sqs.send_message(QueueUrl=queues[DEAD], MessageBody="dead")


def watch() -> None:
    """Create two alarms of the web, one of them in ALARM, and put the age of the oldest message."""
    cloudwatch = boto3.client("cloudwatch")
    tags = {"application": "shop", "environment": "prod", "service": "web"}
    for name in ("shop-web-high-cpu", "shop-web-unhealthy"):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="shop",
            MetricName=name,
            Period=60,
            Statistic="Maximum",
            Threshold=1,
            EvaluationPeriods=1,
            ComparisonOperator="GreaterThanThreshold",
            Tags=[{"Key": f"copilot-{key}", "Value": value} for key, value in tags.items()],
        )
    cloudwatch.set_alarm_state(
        AlarmName="shop-web-unhealthy", StateValue="ALARM", StateReason="A task is ill."
    )
    age: Any = {
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": JOBS}],
        "Timestamp": datetime.now(UTC) - timedelta(minutes=2),
        "Value": 90,
    }
    cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=[age])  # as SQS does


def scale() -> None:
    """Add a policy, new limits and a schedule to the worker."""
    scaling = boto3.client("application-autoscaling")
    metric: Any = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    scaling.put_scaling_policy(
        **WORKER,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 70,
            "PredefinedMetricSpecification": metric,
        },
    )
    scaling.register_scalable_target(**WORKER, MinCapacity=4, MaxCapacity=9)
    scaling.put_scheduled_action(
        **WORKER,
        ScheduledActionName="night",
        Schedule="cron(0 20 ? * MON-FRI *)",
        Timezone="Europe/Berlin",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
    )


def test_a_screen_shows_every_part(ops: Ops, busy: None) -> None:
    shown = ops("status", "--env", "prod")
    assert shown.code == 0, shown
    web, worker = re.split(r"\n\n(?=\w)", shown.out)[1:]
    assert "shop-web:1 IN_PROGRESS" in web.replace("shop-prod-", "shop-")
    assert "ALARM shop-web-unhealthy" in web
    assert "             1 OK" in web
    assert "load balancer targets: none" in web
    assert "worker  4 running / 4 desired / 0 pending" in worker
    assert "shop-prod-jobs: 7 visible, 0 in flight, the oldest 1 min 30 s old" in worker
    assert "1.75 visible per task" in worker
    assert "in 0, out 0 messages a minute" in worker
    assert "1 in shop-prod-jobs-dead" in worker
    assert "4 to 9 tasks" in worker
    assert "ago to 4: minimum capacity was set to 4" in worker
    assert "night: 0 tasks at" in worker


def test_a_screen_costs_few_calls(ops: Ops, busy: None, calls: list[str]) -> None:
    assert ops("status", "--env", "prod").code == 0
    assert Counter(calls) == {
        "ListStackResources": 2,
        "DescribeServices": 1,
        "ListTasks": 2,  # running and stopped
        "DescribeTargetHealth": 1,
        "DescribeScalableTargets": 1,
        "DescribeScalingPolicies": 1,
        "DescribeScalingActivities": 1,
        "DescribeScheduledActions": 1,
        "GetResources": 1,
        "GetParametersByPath": 1,  # the last release
        "DescribeAlarms": 1,
        "GetQueueUrl": 2,
        "GetQueueAttributes": 2,
        "GetMetricData": 1,
    }


def test_a_screen_as_json(ops: Ops, busy: None) -> None:
    data = ops("status", "worker", "--env", "prod", "--output", "json").data
    (worker,) = data["services"]
    assert (worker["counts"]["desired"], worker["backlog_per_task"]) == (4, 1.75)
    assert worker["queue"]["dead"] == 1
    assert worker["scaling"]["activities"][0]["cause"] == "minimum capacity was set to 4"
    assert [each["name"] for each in worker["next"]] == ["night"]
    [action], [policy] = worker["scaling"]["scheduled"], worker["scaling"]["policies"]
    assert action == {
        "name": "night",
        "schedule": "cron(0 20 ? * MON-FRI *)",
        "timezone": "Europe/Berlin",
        "least": 0,
        "most": 0,
        "starts": None,
        "ends": None,
    }
    assert (policy.pop("name"), len(policy.pop("alarms"))) == ("cpu", 2)
    assert policy == {
        "type": "TargetTrackingScaling",
        "out_cooldown": 300,
        "in_cooldown": 300,
        "scales_in": True,
        "scales_out": True,
    }
    assert data["problems"] == []


def test_what_is_not_allowed_is_said_and_hides_nothing_else(
    ops: Ops, busy: None, refused: list[str]
) -> None:
    refused += ["DescribeScalingActivities", "GetQueueUrl", "GetResources"]
    shown = ops("status", "--env", "prod")
    assert shown.code == 1
    assert "worker  4 running / 4 desired" in shown.out
    assert "night: 0 tasks at" in shown.out
    for call in refused:
        assert f"could not be read: AWS does not allow {call}" in shown.out
        assert f"AWS does not allow {call}" in shown.err
    refused[-1] = "DescribeAlarms"
    assert (
        "alarms     could not be read: AWS does not allow DescribeAlarms"
        in ops("status", "-e", "prod").out
    )
    why = ops("why", "worker", "--env", "prod")
    assert why.code == 1
    assert "Unknown: what changed it last. AWS does not allow" in why.out
    assert "It may have 4 to 9 tasks." in why.out


def test_expired_credentials_are_not_taken_for_nothing_there(
    ops: Ops, busy: None, refused: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    FirstCalls(monkeypatch, ListStackResources="ExpiredToken")
    expired = ops("status", "worker", "--env", "prod")
    assert expired.code == 1
    assert "worker  unknown, no access: The AWS credentials have expired" in expired.out
    assert "No service" not in expired.out
    assert "Sign in again with `aws sso login`." in expired.err
    refused.append("ListStackResources")
    forbidden = ops("status", "--env", "prod", "--output", "json")
    assert forbidden.code == 1
    assert set(forbidden.data["unknown"]) == {"web", "worker"}


def test_a_service_that_is_not_deployed_hides_no_other(ops: Ops, busy: None) -> None:
    boto3.client("cloudformation").delete_stack(StackName="shop-prod-web")
    shown = ops("status", "--env", "prod")
    assert shown.code == 1
    assert "`web` is not deployed to `prod` yet" in shown.err
    assert "worker  4 running" in shown.out


def test_a_mistake_in_one_file_hides_no_service(ops: Ops, busy: None, workspace: Path) -> None:
    (workspace / "copilot/web/ops.yml").write_text("alarm: {}\n")
    shown = ops("status", "--env", "prod")
    assert shown.code == 1
    assert "copilot/web/ops.yml:1: alarm" in shown.err
    assert shown.out.count("running /") == 2


def test_why_tells_what_moved_the_count(ops: Ops, busy: None) -> None:
    why = ops("why", "worker", "--env", "prod")
    assert why.code == 0, why
    assert "4 tasks run, which is the desired count." in why.out
    assert "It may have 4 to 9 tasks. Its manifest says 1" in why.out
    assert re.search(
        r"ago scaling changed the count to 4: minimum capacity was set to 4\.", why.out
    )
    assert "Policy cpu asks for nothing" in why.out
    assert "the scheduled action night lets it have 0 tasks" in why.out
    fixed = ops("why", "web", "--env", "prod", "--output", "json")
    assert "Nothing scales it" in " ".join(fixed.data["reasons"])


def test_why_asks_for_what_was_held_back(ops: Ops, busy: None, parameters: list[Any]) -> None:
    """The request is checked, because moto holds no decision back."""
    assert ops("why", "worker", "--env", "prod").code == 0
    asked = [sent for name, sent in parameters if name == "DescribeScalingActivities"]
    assert [each["IncludeNotScaledActivities"] for each in asked] == [True]


def test_a_service_by_a_wrong_name_has_a_suggestion(ops: Ops, aws: None, workspace: Path) -> None:
    why = ops("why", "wrker", "--env", "prod")
    assert why.code == 1
    assert "no service `wrker`. Did you mean `worker`?" in why.err


def test_watch_wants_a_terminal(ops: Ops, queues: dict[str, str]) -> None:
    shown = ops("status", "--env", "prod", "--watch")
    assert shown.code == 1
    assert "--watch needs a terminal" in shown.err
