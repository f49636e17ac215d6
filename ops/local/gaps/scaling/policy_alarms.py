"""The alarms behind a target tracking policy of an ECS service, and the ARN of any policy.

AWS: a policy creates an alarm above its target (3 datapoints within 3 minutes) and one below 90 %
of
it (15 within 15 minutes), on the policy's own metric or metric math. Putting the policy again keeps
its ARN and updates the alarms. A policy on a 20-second metric reads it in such periods; AWS
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.htm
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/target-tracking-faster-auto-scaling.html

moto: both alarms are on CPU or memory, with the threshold 6, whatever the policy says; a policy
that is put again gets another ARN, and its old alarms stay.
"""

from __future__ import annotations

from typing import Any

from moto.applicationautoscaling.models import (
    ApplicationAutoscalingBackend,
    FakeApplicationAutoscalingPolicy,
    applicationautoscaling_backends,
)
from moto.cloudwatch.models import (
    Dimension,
    Metric,
    MetricDataQuery,
    MetricStat,
    cloudwatch_backends,
)
from moto.moto_api._internal import mock_random

from ops.control.ecs.monitoring import HIGH

_LOW_SHARE = 0.9
_PERIOD = 60  # seconds
_HIGH_PERIODS, _LOW_SECONDS = 3, 15 * 60
_OFTEN = "HighResolution"
_PREDEFINED = {
    "ECSServiceAverageCPUUtilization": "CPUUtilization",
    "ECSServiceAverageMemoryUtilization": "MemoryUtilization",
}


def _metric(policy: FakeApplicationAutoscalingPolicy, config: dict[str, Any]) -> dict[str, Any]:
    """Return the policy's metric in an alarm's form: a metric with its statistic, or metric
    math.
    """
    custom = config.get("CustomizedMetricSpecification")
    if custom and "Metrics" in custom:
        none = dict.fromkeys(("namespace", "metric_name", "statistic", "period"))
        queries = [_query(query) for query in custom["Metrics"]]
        return {**none, "dimensions": [], "metric_data_queries": queries}
    if custom:
        return {
            "namespace": custom["Namespace"],
            "metric_name": custom["MetricName"],
            "dimensions": custom.get("Dimensions", []),
            "statistic": custom["Statistic"],
        }
    predefined = config["PredefinedMetricSpecification"]
    name = predefined["PredefinedMetricType"]
    if name == "ALBRequestCountPerTarget":
        group = predefined["ResourceLabel"].partition("targetgroup/")[2]
        return {
            "namespace": "AWS/ApplicationELB",
            "metric_name": "RequestCountPerTarget",
            "dimensions": [{"Name": "TargetGroup", "Value": f"targetgroup/{group}"}],
            "statistic": "Sum",
        }
    _, cluster, service = policy.resource_id.split("/")
    return {
        "namespace": "AWS/ECS",
        "metric_name": _PREDEFINED[name.removesuffix(_OFTEN)],
        "dimensions": [
            {"Name": "ClusterName", "Value": cluster},
            {"Name": "ServiceName", "Value": service},
        ],
        "statistic": "Average",
        "period": HIGH if name.endswith(_OFTEN) else _PERIOD,
    }


def _query(query: dict[str, Any]) -> MetricDataQuery:
    stat = query.get("MetricStat")
    return MetricDataQuery(
        query["Id"],
        query.get("Label", ""),
        None if stat else _PERIOD,  # type: ignore[arg-type]
        query.get("ReturnData", True),
        query.get("Expression"),
        _stat(stat) if stat else None,
    )


def _stat(stat: dict[str, Any]) -> MetricStat:
    metric = stat["Metric"]
    dimensions = [
        Dimension(dimension["Name"], dimension["Value"])
        for dimension in metric.get("Dimensions", [])
    ]
    return MetricStat(
        Metric(metric["MetricName"], metric["Namespace"], dimensions),
        _PERIOD,  # type: ignore[arg-type]  # moto's own parser gives a number as well
        stat["Stat"],
        stat.get("Unit", ""),
    )


def _alarms(self: FakeApplicationAutoscalingPolicy) -> list[Any]:
    _succeed_to_former(self)
    config = self.target_tracking_scaling_policy_configuration or {}
    target = float(config["TargetValue"])
    backend = cloudwatch_backends[self.account_id][self.region_name]
    shared: dict[str, Any] = {
        "metric_data_queries": [],
        "period": _PERIOD,
        **_metric(self, config),
        "alarm_actions": [self.policy_arn],
        "description": (
            f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {self.policy_arn}."
        ),
    }
    low_periods = _LOW_SECONDS // (shared["period"] or _PERIOD)
    sides = (
        ("High", "GreaterThanThreshold", _HIGH_PERIODS, target),
        ("Low", "LessThanThreshold", low_periods, target * _LOW_SHARE),
    )
    return [
        backend.put_metric_alarm(
            name=f"TargetTracking-{self.resource_id}-Alarm{side}-{mock_random.uuid4()}",
            comparison_operator=comparison,
            evaluation_periods=periods,
            threshold=threshold,
            **shared,
        )
        for side, comparison, periods, threshold in sides
    ]


def _succeed_to_former(policy: FakeApplicationAutoscalingPolicy) -> None:
    """Take over the ARN of the policy that this one replaces, and delete its alarms."""
    backend = applicationautoscaling_backends[policy.account_id][policy.region_name]
    former = backend.policies.get(_key_of(policy))
    if former is not None:
        policy.policy_arn = former.policy_arn
        former.delete_alarms(policy.account_id, policy.region_name)


def _key_of(policy: FakeApplicationAutoscalingPolicy) -> str:
    return policy.formulate_key(
        policy.service_namespace, policy.resource_id, policy.scalable_dimension, policy.policy_name
    )


def close() -> None:
    """Create the alarms of ECS policies from the policies, and keep every policy's ARN."""
    FakeApplicationAutoscalingPolicy._generate_ecs_alarms = _alarms  # type: ignore[method-assign]
    original = ApplicationAutoscalingBackend.put_scaling_policy
    if hasattr(original, "closes_gap"):
        return

    def put_scaling_policy(
        self: ApplicationAutoscalingBackend, *given: Any, **named: Any
    ) -> FakeApplicationAutoscalingPolicy:
        before = {key: policy.policy_arn for key, policy in self.policies.items()}
        policy = original(self, *given, **named)
        policy.policy_arn = before.get(_key_of(policy), policy.policy_arn)
        return policy

    put_scaling_policy.closes_gap = True  # type: ignore[attr-defined]
    ApplicationAutoscalingBackend.put_scaling_policy = put_scaling_policy  # type: ignore[method-assign]
