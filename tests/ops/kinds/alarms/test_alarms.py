"""Alarms: the desired ones, and the resulting ones in CloudWatch."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace, ServiceStack
from ops.kinds.alarms.alarm import MathAlarm, MetricAlarm
from ops.kinds.alarms.desired import desired, warnings
from ops.kinds.alarms.live import live_alarms
from ops.kinds.alarms.remote import Remote
from ops.kinds.alarms.settings import Settings
from ops.plan.model import differences
from tests.ops.conftest import Ops

BALANCED = ServiceStack(
    "shop-prod-web", "shop-prod", "shop-web", "targetgroup/web/1", "app/public/2"
)


def place(stack: ServiceStack = BALANCED) -> ServicePlace:
    return ServicePlace("shop", "prod", "web", stack)


def alarm(**changes: object) -> MetricAlarm:
    fields = {
        "summary": "It is slow.",
        "namespace": "AWS/ECS",
        "metric": "CPUUtilization",
        "threshold": 80,
        "missing_data": "not-breaching",
    }
    return MetricAlarm.model_validate({**fields, **changes})


def decided(one: MetricAlarm, stack: ServiceStack = BALANCED) -> dict[str, Any]:
    [resource] = desired(Settings(define={"slow": one}), place(stack))
    return dict(resource.properties)


def test_a_name_tells_application_environment_and_service_apart() -> None:
    [resource] = desired(Settings(define={"slow": alarm()}), place())
    assert resource.name == "shop-prod-web-slow"
    [resource] = desired(Settings(prefix="web-", define={"slow": alarm()}), place())
    assert resource.name == "web-slow"


RUNNING = {"namespace": "AWS/ECS", "metric": "CPUUtilization", "statistic": "SampleCount"}
EACH_20_SECONDS = replace(BALANCED, metric_resolution=20)


def calculated(expression: str, **changes: object) -> MathAlarm:
    fields = {
        "summary": "Much for each task.",
        "metrics": {"run": RUNNING, "cpu": RUNNING | {"statistic": "Average"}},
        "expression": expression,
        "threshold": 80,
        "missing_data": "not-breaching",
    }
    return MathAlarm.model_validate({**fields, **changes})


def expression(one: MathAlarm, stack: ServiceStack = EACH_20_SECONDS) -> str:
    [resource] = desired(Settings(define={"slow": one}), place(stack))
    metrics: Any = resource.properties["Metrics"]
    return str(metrics["result"]["Expression"])


def test_a_calculation_counts_tasks_not_their_samples() -> None:
    """A task that reports every 20 seconds sends three samples a minute."""
    one = calculated("IF(run > 2, cpu / run, RUNNING_SUM(run))")
    assert expression(one, BALANCED) == one.expression
    each = "(run / 3)"
    assert expression(one) == f"IF({each} > 2, cpu / {each}, RUNNING_SUM({each}))"


def test_a_period_of_one_report_has_one_sample_of_each_task() -> None:
    assert expression(calculated("run", period="20s")) == "run"
    counted = alarm(**RUNNING, threshold=4)
    assert decided(counted, EACH_20_SECONDS)["Threshold"] == 12
    assert decided(counted.model_copy(update={"period": 20}), EACH_20_SECONDS)["Threshold"] == 4


def test_a_count_that_is_not_named_cannot_be_divided_and_is_a_warning() -> None:
    settings = Settings(define={"slow": calculated("SUM(METRICS())")})
    [warning] = warnings(settings, place(EACH_20_SECONDS))
    assert "`slow` reads `run` by `METRICS()`" in warning
    assert warnings(settings, place()) == []


def test_tags_are_those_that_copilot_looks_for() -> None:
    [resource] = desired(Settings(define={"slow": alarm()}), place())
    assert resource.tags == {
        "managed-by": "ops",
        "copilot-application": "shop",
        "copilot-environment": "prod",
        "copilot-service": "web",
    }


def test_dimensions_follow_from_the_namespace() -> None:
    assert decided(alarm())["Dimensions"] == [
        {"Name": "ClusterName", "Value": "shop-prod"},
        {"Name": "ServiceName", "Value": "shop-web"},
    ]
    assert decided(alarm(namespace="AWS/ApplicationELB"))["Dimensions"] == [
        {"Name": "LoadBalancer", "Value": "app/public/2"},
        {"Name": "TargetGroup", "Value": "targetgroup/web/1"},
    ]
    given = alarm(namespace="AWS/SQS", dimensions={"QueueName": "jobs"})
    assert decided(given)["Dimensions"] == [{"Name": "QueueName", "Value": "jobs"}]


def test_a_service_without_a_load_balancer_cannot_have_its_alarms() -> None:
    alone = ServiceStack("shop-prod-worker", "shop-prod", "shop-worker")
    with pytest.raises(OpsError, match="needs a load balancer, and `web` has none"):
        decided(alarm(namespace="AWS/ApplicationELB"), alone)


def test_dimensions_that_follow_from_nothing_must_be_given() -> None:
    with pytest.raises(OpsError, match="needs `dimensions`: those of Mine"):
        decided(alarm(namespace="Mine"))


def test_a_metric_without_dimensions_is_not_planned_again() -> None:
    properties = decided(alarm(namespace="Mine", dimensions={}))
    answer = {name: value for name, value in properties.items() if value is not None}
    described = {**answer, "AlarmName": "slow", "StateValue": "OK", "Dimensions": []}
    [there] = live_alarms([{**described, "AlarmActions": [], "OKActions": []}])
    assert "Dimensions" not in {field.path for field in differences(properties, there.properties)}


def test_a_percentile_is_an_extended_statistic() -> None:
    properties = decided(alarm(statistic="p99"))
    assert properties["Statistic"] is None
    assert properties["ExtendedStatistic"] == "p99"


def test_the_description_says_meaning_runbook_and_origin() -> None:
    settings = Settings(runbooks="docs/runbooks/", define={"slow": alarm()})
    [resource] = desired(settings, place())
    assert resource.properties["AlarmDescription"] == (
        "It is slow. Runbook: docs/runbooks/slow.md (ops: copilot/web/ops.yml)"
    )


def live(name: str = "shop-web-high-cpu") -> dict[str, Any]:
    [found] = boto3.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return dict(found)


def test_sync_makes_the_alarms_of_the_deployed_service(ops: Ops, deployed: dict[str, str]) -> None:
    assert ops("alarms", "sync", "--env", "prod").code == 0
    cpu, unhealthy = live(), live("shop-web-unhealthy")
    assert (cpu["Threshold"], cpu["Period"], cpu["EvaluationPeriods"]) == (80, 60, 3)
    group, balancer = deployed["TargetGroup"], deployed["PublicLoadBalancer"]
    assert {each["Name"]: each["Value"] for each in unhealthy["Dimensions"]} == {
        "TargetGroup": group.rsplit(":", 1)[1],
        "LoadBalancer": balancer.split(":loadbalancer/", 1)[1],
    }
    tags = boto3.client("cloudwatch").list_tags_for_resource(ResourceARN=cpu["AlarmArn"])["Tags"]
    assert {"Key": "copilot-service", "Value": "web"} in tags


def test_drift_by_hand_is_shown_and_mended_and_nothing_else_is_touched(
    ops: Ops, deployed: dict[str, str]
) -> None:
    ops("alarms", "sync", "--env", "prod")
    topic = "arn:aws:sns:eu-central-1:123456789012:oncall"
    by_hand = {
        key: live()[key]
        for key in ("AlarmName", "Namespace", "MetricName", "Statistic", "Dimensions", "Period")
    }
    boto3.client("cloudwatch").put_metric_alarm(
        **by_hand,
        AlarmDescription=live()["AlarmDescription"],
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        EvaluationPeriods=3,
        TreatMissingData="notBreaching",
        Threshold=95,
        AlarmActions=[topic],
    )
    planned = ops("alarms", "plan", "--env", "prod", "--exit-code")
    assert planned.code == 2
    assert "95 → 80" in planned.out
    assert "AlarmActions" not in planned.out
    assert ops("alarms", "sync", "--env", "prod").code == 0
    assert live()["Threshold"] == 80
    assert live()["AlarmActions"] == [topic]
    assert ops("alarms", "plan", "--env", "prod", "--exit-code").code == 0


def test_an_alarm_of_someone_else_is_a_conflict_and_stays(
    ops: Ops, deployed: dict[str, str]
) -> None:
    boto3.client("cloudwatch").put_metric_alarm(
        AlarmName="shop-web-high-cpu",
        ComparisonOperator="LessThanThreshold",
        EvaluationPeriods=1,
        MetricName="Other",
        Namespace="Theirs",
        Period=60,
        Statistic="Sum",
        Threshold=7,
    )
    synced = ops("alarms", "sync", "--env", "prod")
    assert synced.code == 1
    assert "! conflict shop-web-high-cpu" in synced.out
    assert "✔ created shop-web-unhealthy" in synced.out
    assert live()["Namespace"] == "Theirs"


def test_prune_deletes_what_is_ours_and_no_longer_declared(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    ops("alarms", "sync", "--env", "prod")
    path = workspace / "copilot/web/ops.yml"
    path.write_text(path.read_text().replace("unhealthy:", "sick:"))
    kept = ops("alarms", "sync", "--env", "prod")
    assert "- delete" not in kept.out
    pruned = ops("alarms", "sync", "--env", "prod", "--prune")
    assert "✔ deleted shop-web-unhealthy" in pruned.out
    assert ops("alarms", "plan", "--env", "prod", "--prune", "--exit-code").code == 0


def test_a_service_with_a_problem_loses_nothing_to_prune(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    ops("alarms", "sync", "--env", "prod")
    boto3.client("cloudformation").delete_stack(StackName="shop-prod-web")
    pruned = ops("alarms", "sync", "--env", "prod", "--prune")
    assert pruned.code == 1
    assert "is not deployed to `prod` yet" in pruned.err
    assert live()["Threshold"] == 80


def test_what_does_not_fit_is_told_with_its_line(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    path = workspace / "copilot/web/ops.yml"
    path.write_text(path.read_text().replace("AWS/ApplicationELB", "AWS/NetworkELB"))
    planned = ops("alarms", "plan", "--env", "prod")
    assert planned.code == 1
    assert "copilot/web/ops.yml:11: The alarm `unhealthy` is on AWS/NetworkELB" in planned.err


def test_reading_alarms_costs_a_call_for_each_hundred(
    aws: None, workspace: Path, calls: list[str]
) -> None:
    names = [f"alarm-{number}" for number in range(250)]
    assert Remote(Aws(), [place()]).read(names) == []
    assert calls == ["DescribeAlarms"] * 3
