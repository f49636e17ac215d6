"""The resources of the section `scaling`, without AWS."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from ops.aws.autoscaling.values import STEPS, TRACKING, ScalingPolicy
from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace, ServiceStack
from ops.copilot.workload import Queue, TaskRange, Workload
from ops.copilot.workspace.settings import service_model
from ops.kinds.scaling.desired import desired
from ops.kinds.scaling.findings import findings
from ops.kinds.scaling.others.messages import foreign_policy
from ops.kinds.scaling.reading import live
from ops.kinds.scaling.settings import Settings
from ops.plan.model import differences

PAGE = Path(__file__).parents[4] / "docs/how-to/scale-a-queue-worker.md"
TARGET = "service/shop-prod/shop-worker"
STACK = ServiceStack("shop-prod-worker", "shop-prod", "shop-worker", scalable_target=TARGET)
WORKLOAD = Workload(tasks=TaskRange(2, 20), queue=Queue(name="jobs"))
PLACE = ServicePlace("shop", "prod", "worker", STACK, WORKLOAD)


def policies(**section: Any) -> dict[str, Any]:  # noqa: ANN401  # what an ops.yml says
    wanted = desired(Settings.model_validate(section), PLACE)
    return {each.name: each.properties for each in wanted}


def math(queries: Any) -> dict[str, Any]:  # noqa: ANN401  # metric math as in AWS's JSON
    return {
        each["Id"]: each.get("Expression")
        or (each["MetricStat"]["Metric"]["MetricName"], each["MetricStat"]["Stat"])
        for each in queries
    }


def test_nothing_is_scaled_without_a_range() -> None:
    stack = ServiceStack("shop-prod-worker", "shop-prod", "shop-worker")
    settings = Settings.model_validate({"queue_depth": {"queue": "jobs", "target": 100}})
    with pytest.raises(OpsError, match="`worker` has a fixed count") as raised:
        desired(settings, ServicePlace("shop", "prod", "worker", stack))
    assert "count: {range:" in raised.value.next_step
    assert desired(Settings(), ServicePlace("shop", "prod", "worker", stack)) == []


def test_the_queue_is_the_services_own_unless_named() -> None:
    [own] = policies(queue_depth={"target": 100}).values()
    [named] = policies(queue_depth={"target": 100, "queue": "other"}).values()
    configuration = "TargetTrackingScalingPolicyConfiguration"
    for policy, queue in ((own, "jobs"), (named, "other")):
        metric = policy[configuration]["CustomizedMetricSpecification"]
        assert metric["Dimensions"] == [{"Name": "QueueName", "Value": queue}]
    with pytest.raises(OpsError, match="scales by a queue, but has none"):
        desired(
            Settings.model_validate({"queue_depth": {"target": 100}}),
            ServicePlace("shop", "prod", "worker", STACK),
        )


def test_the_target_of_a_backlog_follows_from_the_latency() -> None:
    backlog = {"acceptable_latency": "1m", "seconds_per_task": 0.5, "concurrency": 4}
    [policy] = policies(backlog_per_task={**backlog, "in_flight": True}).values()
    configuration = policy["TargetTrackingScalingPolicyConfiguration"]
    assert configuration["TargetValue"] == 480
    specification = configuration["CustomizedMetricSpecification"]
    assert math(specification["Metrics"]) == {
        "visible": ("ApproximateNumberOfMessagesVisible", "Average"),
        "held": ("ApproximateNumberOfMessagesNotVisible", "Average"),
        "running": ("CPUUtilization", "SampleCount"),
        "result": "IF(running > 0 AND FILL(visible, -1) >= 0, (visible + held) / running)",
    }
    # Target tracking has no periods, and one metric alone is its result.
    assert not any("Period" in each.get("MetricStat", {}) for each in specification["Metrics"])
    assert [each["Id"] for each in specification["Metrics"] if each["ReturnData"]] == ["result"]
    assert specification["MetricName"] is None


@pytest.mark.parametrize(
    "section",
    [
        {"backlog_per_task": {}},
        {"backlog_per_task": {"target": 5, "acceptable_latency": "1m", "seconds_per_task": 1}},
        {"backlog_per_task": {"acceptable_latency": "1m"}},
        {"load_per_task": {}},
        {"load_per_task": {"seconds_per_task": 0}},
        {"load_per_task": {"seconds_per_task": 1, "target": 1.2}},
        {"published_load": {"namespace": "Shop", "period": "15s"}},
        {"step": {"burst": {"add": {}}}},
        {"load_per_task": {"seconds_per_task": 1, "scale_out_after": 1441}},
        {"load_per_task": {"seconds_per_task": 1, "scale_in_after": 1441}},
        {"published_load": {"namespace": "Shop", "scale_in_after": 8641}},
        {"published_load": {"namespace": "Shop", "period": "1h", "scale_in_after": 169}},
        {"step": {"burst": {"add": {1: 1}, "after": 1441}}},
        {"step": {"Not a name": {"add": {1: 1}}}},
        {"step": {"burst": {"add": dict.fromkeys(range(1, 22), 1)}}},
    ],
)
def test_what_makes_no_sense_is_refused(section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(section)


def test_load_per_task_is_two_step_policies_with_their_alarms() -> None:
    made = policies(load_per_task={"seconds_per_task": 0.5})
    assert made.keys() == {"worker/ops-load-out", "worker/ops-load-in"}
    out, in_ = made["worker/ops-load-out"], made["worker/ops-load-in"]
    assert (out["StepScalingPolicyConfiguration"]["Cooldown"], out["PolicyType"]) == (
        300,
        "StepScaling",
    )
    alarm = out["Alarm"]
    assert alarm["AlarmName"] == "ops-shop-prod-worker-load-out"
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (1.15, 2)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert math(alarm["Metrics"]) == {
        "sent": ("NumberOfMessagesSent", "Sum"),
        "visible": ("ApproximateNumberOfMessagesVisible", "Average"),
        "running": ("CPUUtilization", "SampleCount"),
        "result": "IF(running > 0 AND FILL(visible, -1) >= 0, "
        "(FILL(sent, 0) / 60 * 0.5 + visible * 0.5 / 600) / running)",
    }
    assert {each["MetricStat"]["Period"] for each in alarm["Metrics"] if "MetricStat" in each} == {
        60
    }
    assert in_["StepScalingPolicyConfiguration"]["Cooldown"] == 300
    alarm = in_["Alarm"]
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0.9, 5)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    result = math(alarm["Metrics"])["result"]
    assert result.startswith("IF(running > 0 AND ")
    assert result.endswith("/ (running - 1), 0.9))")  # the last task is kept


def test_what_aws_turns_round_or_fills_in_is_no_drift() -> None:
    """AWS returns steps in another order, and an empty list of dimensions with metric math."""
    made = policies(load_per_task={"seconds_per_task": 0.5}, backlog_per_task={"target": 5})
    for name, wanted in made.items():
        answer = {"PolicyName": name, "PolicyARN": "arn", "ResourceId": "", **wanted}
        if TRACKING in wanted:
            custom = {**wanted[TRACKING]["CustomizedMetricSpecification"], "Dimensions": []}
            tracking = {**wanted[TRACKING], "CustomizedMetricSpecification": custom}
            answer[TRACKING] = tracking
        else:
            steps = wanted[STEPS]["StepAdjustments"]
            assert len(steps) > 2
            answer[STEPS] = {**wanted[STEPS], "StepAdjustments": steps[::-1]}
        there = live(name, ScalingPolicy.from_answer(answer), {})
        assert [each.path for each in differences({**wanted, "Alarm": {}}, there.properties)] == []


def test_concurrency_divides_the_time_of_a_message() -> None:
    of_one = policies(load_per_task={"seconds_per_task": 0.5})
    of_four = policies(load_per_task={"seconds_per_task": 2.0, "concurrency": 4})
    assert of_one == of_four


def test_a_short_time_is_written_without_an_exponent() -> None:
    made = policies(load_per_task={"seconds_per_task": 0.00001})
    expression = math(made["worker/ops-load-out"]["Alarm"]["Metrics"])["result"]
    assert "(FILL(sent, 0) / 60 * 0.00001 + visible * 0.00001 / 600) / running" in expression


def test_a_published_load_is_watched_each_ten_seconds() -> None:
    published = {
        "namespace": "Shop",
        "dimensions": {"Environment": "prod"},
        "metric_with_one_task_fewer": "LoadWithOneFewer",
    }
    made = policies(published_load=published)
    out, in_ = made["worker/ops-published-load-out"], made["worker/ops-published-load-in"]
    [query] = out["Alarm"]["Metrics"]
    assert query["MetricStat"] == {
        "Metric": {
            "Namespace": "Shop",
            "MetricName": "LoadPerTask",
            "Dimensions": [{"Name": "Environment", "Value": "prod"}],
        },
        "Stat": "Average",
        "Period": 10,
    }
    assert (out["Alarm"]["Threshold"], out["Alarm"]["EvaluationPeriods"]) == (1.1, 2)
    assert (in_["Alarm"]["Threshold"], in_["Alarm"]["EvaluationPeriods"]) == (0.85, 12)
    assert in_["Alarm"]["Metrics"][0]["MetricStat"]["Metric"]["MetricName"] == "LoadWithOneFewer"


def test_a_backstop_never_removes_tasks() -> None:
    [tracking] = policies(queue_depth={"target": 1000, "scale_in": False}).values()
    assert tracking["TargetTrackingScalingPolicyConfiguration"]["DisableScaleIn"] is True
    made = policies(load_per_task={"seconds_per_task": 1, "scale_in": False})
    assert made.keys() == {"worker/ops-load-out"}


@pytest.mark.parametrize(
    ("by", "followed"),
    [
        ("visible", {"result": ("ApproximateNumberOfMessagesVisible", "Average")}),
        ("age", {"result": ("ApproximateAgeOfOldestMessage", "Maximum")}),
        (
            "unclaimed",
            {
                "held": ("ApproximateNumberOfMessagesNotVisible", "Maximum"),
                "visible": ("ApproximateNumberOfMessagesVisible", "Minimum"),
                "result": "IF(FILL(held, 0) > 0, 0, visible)",
            },
        ),
    ],
)
def test_a_step_adds_tasks_from_a_value_on(by: str, followed: dict[str, Any]) -> None:
    [(name, policy)] = policies(step={"burst": {"by": by, "add": {500: 4, 1: 1}}}).items()
    assert name == "worker/ops-step-burst"
    assert policy["StepScalingPolicyConfiguration"]["AdjustmentType"] == "ChangeInCapacity"
    assert policy["Alarm"]["Threshold"] == 1
    assert policy["Alarm"]["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert math(policy["Alarm"]["Metrics"]) == followed


def test_a_warning_describes_the_effect_of_another_policy() -> None:
    policy = ScalingPolicy("CPU", "TargetTrackingScaling", resource_id="service/shop-prod/worker")
    assert "removes one only when both agree" in foreign_policy("worker", policy)
    adding = foreign_policy("worker", replace(policy, tracking={"DisableScaleIn": True}))
    assert "it can add tasks" in adding
    stepping = foreign_policy("worker", replace(policy, type="StepScaling"))
    assert "removed when either does" in stepping


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL))
def test_what_the_page_shows_is_taken_and_not_doubtful(block: str) -> None:
    service_model().model_validate(yaml.safe_load(block))
    settings = Settings.model_validate(yaml.safe_load(block)["scaling"])
    assert desired(settings, PLACE)
    assert findings(settings, WORKLOAD) == []
