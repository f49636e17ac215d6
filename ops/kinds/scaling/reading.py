"""Conversion of AWS's policies and alarms to the properties of declared ones. Pure."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from ops.aws.autoscaling.values import STEPS, TRACKING, ScalingPolicy
from ops.kinds.scaling.desired import ALARM, INVOKES
from ops.plan.model import Json, Live

# What PutMetricAlarm sets on an alarm of metric math, and resets if it is omitted.
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


def live(name: str, policy: ScalingPolicy | None, alarm: Mapping[str, Any]) -> Live:
    """Return a policy with its alarm; either may be missing."""
    properties: dict[str, Json] = {}
    state: dict[str, Json] = {
        "target": None,
        "scales": None,
        "alarms": 1 if alarm else 0,
        "state": alarm.get("StateValue"),
    }
    if policy is not None:
        properties["PolicyType"] = policy.type
        state |= {"target": policy.tracking.get("TargetValue"), "scales": policy.resource_id}
        state["alarms"] = 1 if alarm else len(policy.alarms)
        if policy.tracking:
            properties[TRACKING] = _tracking(policy.tracking)
        if policy.steps:
            steps = sorted(policy.steps.get("StepAdjustments", []), key=_lower_bound)
            properties[STEPS] = {**policy.steps, "StepAdjustments": steps}
    if alarm:
        properties[ALARM] = _alarm(alarm, policy)
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
    """Return the key that sorts steps as they are declared; AWS promises no order."""
    return float(step.get("MetricIntervalLowerBound", -inf))


def _alarm(alarm: Mapping[str, Any], policy: ScalingPolicy | None) -> dict[str, Json]:
    # An empty list and a missing key mean the same to CloudWatch.
    properties = {key: alarm[key] for key in _WRITABLE if alarm.get(key) not in (None, [], "")}
    if "Metrics" in properties:
        properties["Metrics"] = _metrics(properties["Metrics"])
    if policy is not None and policy.arn in alarm.get("AlarmActions", []):
        properties[INVOKES] = policy.name
    return properties


def _metrics(queries: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Sort metric math by ids, and dimensions by names."""
    return [_query(query) for query in sorted(queries, key=lambda query: str(query["Id"]))]


def _query(query: Mapping[str, Any]) -> dict[str, Json]:
    properties: dict[str, Json] = {"ReturnData": True, **query}
    if "MetricStat" in query:
        metric = dict(query["MetricStat"]["Metric"])
        dimensions = metric.get("Dimensions", [])
        metric["Dimensions"] = sorted(dimensions, key=lambda dimension: str(dimension["Name"]))
        properties["MetricStat"] = {**query["MetricStat"], "Metric": metric}
    return properties
