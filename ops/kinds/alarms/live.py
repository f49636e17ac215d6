"""Conversion of DescribeAlarms' answers to the properties of declared alarms. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_CompositeAlarm.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ops.kinds.alarms.rule import Rule, depths
from ops.plan.model import Json, Live

# Fields that can be put and are answered. An update writes all of them back, because both puts
# reset the fields that they do not get.
_WRITABLE = (
    "ActionConfiguration",
    "ActionsEnabled",
    "ActionsSuppressor",
    "ActionsSuppressorExtensionPeriod",
    "ActionsSuppressorWaitPeriod",
    "AlarmActions",
    "AlarmDescription",
    "AlarmRule",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationCriteria",
    "EvaluationInterval",
    "EvaluationPeriods",
    "EvaluationWindow",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
    "WarmUpConfiguration",
)
ACTIONS = ("AlarmActions", "OKActions")  # mappings by ARN in properties, lists in parameters


def live_alarms(alarms: Sequence[Mapping[str, Any]]) -> list[Live]:
    """Return the alarms, each in a later stage than those that it refers to."""
    stages = _stages(alarms)
    return [
        Live(alarm["AlarmName"], _properties(alarm), _state(alarm), stages[alarm["AlarmName"]])
        for alarm in alarms
    ]


def _properties(alarm: Mapping[str, Any]) -> dict[str, Json]:
    # An empty list and a missing key mean the same to CloudWatch.
    properties = {key: alarm[key] for key in _WRITABLE if alarm.get(key) not in (None, [], "")}
    if "Dimensions" in properties:
        properties["Dimensions"] = _by_name(properties["Dimensions"])
    if "Metrics" in properties:
        properties["Metrics"] = {metric["Id"]: _query(metric) for metric in properties["Metrics"]}
    for field in ACTIONS:
        if field in properties:
            properties[field] = dict.fromkeys(properties[field], True)
    if "AlarmRule" in properties:
        properties["AlarmRule"] = " ".join(properties["AlarmRule"].split())
    return properties


def _query(query: Mapping[str, Any]) -> dict[str, Json]:
    """Return an entry of `Metrics` without its id. ReturnData is true by default."""
    fields = {key: value for key, value in query.items() if key != "Id" and value not in (None, "")}
    fields.setdefault("ReturnData", True)
    if "MetricStat" in fields:
        metric = fields["MetricStat"]["Metric"]
        metric = {**metric, "Dimensions": _by_name(metric.get("Dimensions", []))}
        fields["MetricStat"] = {**fields["MetricStat"], "Metric": metric}
    return fields


def _by_name(dimensions: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(dimensions, key=lambda dimension: dimension["Name"])


def _state(alarm: Mapping[str, Any]) -> dict[str, Json]:
    since = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    return {
        "state": alarm["StateValue"],
        "since": since.isoformat(timespec="seconds") if since else None,
    }


def _stages(alarms: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    parts = {alarm["AlarmName"]: _parts(alarm) for alarm in alarms}
    try:
        return depths(parts)
    except ValueError:  # a circle, created manually: no order is right
        return dict.fromkeys(parts, 0)


def _parts(alarm: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the alarms that an alarm refers to, by name or ARN."""
    if "AlarmRule" not in alarm:
        return ()
    try:
        written = [
            reference.written.strip('"') for reference in Rule.parse(alarm["AlarmRule"]).references
        ]
    except ValueError:  # in a newer syntax than this code knows
        written = []
    written += [alarm["ActionsSuppressor"]] if alarm.get("ActionsSuppressor") else []
    return tuple(name.rsplit(":alarm:", 1)[-1] for name in written)
