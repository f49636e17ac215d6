"""Presets, metric math and composite alarms in CloudWatch, over HTTP.

moto has no composite alarms; `ops.local.gaps.cloudwatch.composite_alarms` closes that.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.ops.conftest import Ops

WORKER = """\
queue: {name: jobs, dead_letters: jobs-dead}
alarms:
  preset: queue-worker
  runbooks: docs/runbooks
  define:
    at-max: {threshold: 20}
    failing:
      summary: Tasks fail.
      severity: page
      expression: 100 * failed / ended
      metrics:
        failed: {namespace: Mine, metric: Failures, dimensions: {Task: charge}, statistic: Sum}
        ended: {namespace: Mine, metric: Ended, dimensions: {Task: charge}, statistic: Sum}
      threshold: 10
      missing_data: not-breaching
    in-trouble:
      summary: Anything that pages.
      rule: ALARM(backlog-at-max) OR ALARM(failing)
"""
Write = Callable[[str], None]


@pytest.fixture
def write(workspace: Path, deployed: dict[str, str]) -> Write:
    """Write the worker's ops.yml, and remove the web's alarms."""
    (workspace / "copilot/web/ops.yml").unlink()

    def text(ops_yml: str) -> None:
        (workspace / "copilot/worker/ops.yml").write_text(ops_yml)

    text(WORKER)
    return text


def described(name: str) -> Any:  # noqa: ANN401
    answer = boto3.client("cloudwatch").describe_alarms(
        AlarmNames=[f"shop-prod-worker-{name}"], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    found: list[Any] = [*answer["MetricAlarms"], *answer["CompositeAlarms"]]
    assert len(found) == 1
    return found[0]


def plan(ops: Ops, *more: str) -> int:
    return ops("alarms", "plan", "--env", "prod", "--exit-code", *more).code


def sync(ops: Ops, *more: str) -> None:
    synced = ops("alarms", "sync", "--env", "prod", "--yes", *more)
    assert synced.code == 0, synced.out + synced.err


def test_a_preset_is_made_once_and_stays(ops: Ops, write: Write, calls: list[str]) -> None:
    sync(ops)
    both = described("backlog-at-max")
    assert both["AlarmRule"] == (
        'ALARM("shop-prod-worker-backlog-age") AND ALARM("shop-prod-worker-at-max")'
    )
    assert both["ActionsSuppressor"] == "shop-prod-worker-wedged"
    calls.clear()
    assert plan(ops) == 0
    assert calls.count("DescribeAlarms") == 1


def test_metric_math_that_comes_back_in_another_order_is_the_same(ops: Ops, write: Write) -> None:
    sync(ops)
    math = described("failing")
    for query in math["Metrics"]:
        query.pop("Label", None)
        if query["ReturnData"]:
            del query["ReturnData"]  # CloudWatch's default
    boto3.client("cloudwatch").put_metric_alarm(
        AlarmName=math["AlarmName"],
        AlarmDescription=math["AlarmDescription"],
        ComparisonOperator=math["ComparisonOperator"],
        EvaluationPeriods=math["EvaluationPeriods"],
        Threshold=math["Threshold"],
        TreatMissingData=math["TreatMissingData"],
        Metrics=[*reversed(math["Metrics"])],
    )
    assert plan(ops) == 0


def test_drift_in_math_and_rules_is_shown_by_field_and_mended(ops: Ops, write: Write) -> None:
    sync(ops)
    write(WORKER.replace("100 * failed / ended", "failed").replace("OR ALARM", "AND ALARM"))
    planned = ops("alarms", "plan", "--env", "prod")
    assert "Metrics.result.Expression  100 * failed / ended → failed" in planned.out
    assert "AlarmRule" in planned.out
    assert "2 to update" in planned.out
    sync(ops)
    assert " AND " in described("in-trouble")["AlarmRule"]
    assert plan(ops) == 0


def test_a_metric_that_the_expression_no_longer_has_goes(ops: Ops, write: Write) -> None:
    sync(ops)
    write(WORKER.replace("        ended:", "        all:").replace("/ ended", "/ all"))
    sync(ops)
    assert {query["Id"] for query in described("failing")["Metrics"]} == {"result", "failed", "all"}
    assert plan(ops) == 0


def test_an_alarm_can_change_from_composed_to_measured_and_back(ops: Ops, write: Write) -> None:
    sync(ops)
    measured = """\
      namespace: AWS/ECS
      metric: CPUUtilization
      threshold: 1
      missing_data: ignore
"""
    rule = "      rule: ALARM(backlog-at-max) OR ALARM(failing)\n"
    write(WORKER.replace(rule, measured))
    sync(ops)
    assert described("in-trouble")["MetricName"] == "CPUUtilization"
    write(WORKER)
    sync(ops)
    tags = boto3.client("cloudwatch").list_tags_for_resource(
        ResourceARN=described("in-trouble")["AlarmArn"]
    )["Tags"]
    assert {"Key": "managed-by", "Value": "ops"} in tags
    assert plan(ops) == 0


def test_composite_alarms_go_before_their_parts(ops: Ops, write: Write) -> None:
    sync(ops)
    write("alarms: {}\n")
    sync(ops, "--prune", "--allow-deletes", "20")
    types = ["MetricAlarm", "CompositeAlarm"]
    left = boto3.client("cloudwatch").describe_alarms(AlarmTypes=types)  # type: ignore[arg-type]
    assert left["MetricAlarms"] == left["CompositeAlarms"] == []


def test_a_hand_made_mute_survives_an_update_of_a_composite_alarm(ops: Ops, write: Write) -> None:
    sync(ops)
    boto3.client("cloudwatch").disable_alarm_actions(AlarmNames=["shop-prod-worker-in-trouble"])
    assert plan(ops) == 0
    write(WORKER.replace("Anything that pages", "All that pages"))
    sync(ops)
    assert described("in-trouble")["ActionsEnabled"] is False
