"""What AWS answers about policies and their alarms, in the form of what is declared. Pure."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from ops.kinds.scaling.desired import ALARM, INVOKES
from ops.plan.model import Json, Live

TRACKING = "TargetTrackingScalingPolicyConfiguration"
STEPS = "StepScalingPolicyConfiguration"

# What PutMetricAlarm sets on an alarm of metric math, and resets when it is not told.
_WRITABLE = (
    "ActionConfiguration",
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "AlarmName",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "EvaluationPeriods",
    "EvaluationWindow",
    "InsufficientDataActions",
    "Metrics",
    "OKActions",
    "Threshold",
    "TreatMissingData",
    "WarmUpConfiguration",
)


# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_SuspendedState.html
SUSPENDED = {
    "DynamicScalingInSuspended": "scaling in",
    "DynamicScalingOutSuspended": "scaling out",
    "ScheduledScalingSuspended": "scheduled scaling",
}


def suspended_of(target: Mapping[str, Any]) -> tuple[str, ...]:
    """What a scalable target of DescribeScalableTargets has suspended, in words."""
    state = target.get("SuspendedState") or {}
    return tuple(words for key, words in SUSPENDED.items() if state.get(key))


def live(name: str, policy: Mapping[str, Any], alarm: Mapping[str, Any]) -> Live:
    """A policy with its alarm. Either may be empty: not there, or left behind by the other."""
    properties: dict[str, Json] = {}
    if policy:
        properties["PolicyType"] = policy["PolicyType"]
    if TRACKING in policy:
        properties[TRACKING] = _tracking(policy[TRACKING])
    if STEPS in policy:
        steps = sorted(policy[STEPS].get("StepAdjustments", []), key=_lower_bound)
        properties[STEPS] = {**policy[STEPS], "StepAdjustments": steps}
    if alarm:
        properties[ALARM] = _alarm(alarm, policy)
    state: dict[str, Json] = {
        "target": policy.get(TRACKING, {}).get("TargetValue"),
        "scales": policy.get("ResourceId"),
        "alarms": 1 if alarm else len(policy.get("Alarms", [])),
        "state": alarm.get("StateValue"),
    }
    return Live(name, properties, state)


def _tracking(configuration: Mapping[str, Any]) -> dict[str, Json]:
    properties = dict(configuration)
    properties.setdefault("DisableScaleIn", False)
    custom = dict(properties.get("CustomizedMetricSpecification", {}))
    if custom.get("Metrics"):
        custom["Metrics"] = _metrics(custom["Metrics"])
    if custom:
        # An empty list and a missing key mean the same, as they do to CloudWatch.
        given = {key: value for key, value in custom.items() if value not in (None, [], "")}
        properties["CustomizedMetricSpecification"] = given
    return properties


def _lower_bound(step: Mapping[str, Any]) -> float:
    """Steps are declared from the lowest up; AWS promises no order."""
    return float(step.get("MetricIntervalLowerBound", -inf))


def _alarm(alarm: Mapping[str, Any], policy: Mapping[str, Any]) -> dict[str, Json]:
    # An empty list and a missing key mean the same to CloudWatch.
    properties = {key: alarm[key] for key in _WRITABLE if alarm.get(key) not in (None, [], "")}
    if "Metrics" in properties:
        properties["Metrics"] = _metrics(properties["Metrics"])
    if policy and policy["PolicyARN"] in alarm.get("AlarmActions", []):
        properties[INVOKES] = policy["PolicyName"]
    return properties


def _metrics(queries: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Metric math in the order of its ids, dimensions in that of their names."""
    return [_query(query) for query in sorted(queries, key=lambda each: str(each["Id"]))]


def _query(query: Mapping[str, Any]) -> dict[str, Json]:
    properties: dict[str, Json] = {"ReturnData": True, **query}
    if "MetricStat" in query:
        metric = dict(query["MetricStat"]["Metric"])
        dimensions = metric.get("Dimensions", [])
        metric["Dimensions"] = sorted(dimensions, key=lambda each: str(each["Name"]))
        properties["MetricStat"] = {**query["MetricStat"], "Metric": metric}
    return properties
