"""What DescribeAlarms answers, in the form that declarations come to. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_CompositeAlarm.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ops.kinds.alarms.rule import Rule, depths
from ops.plan.model import Json, Live

# What can be put and is answered: an update writes all of it back, because both puts reset what
# they are not told.
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
    """The alarms, each in the stage that follows from those among them that it refers to."""
    stages = _stages(alarms)
    return [
        Live(each["AlarmName"], _properties(each), _state(each), stages[each["AlarmName"]])
        for each in alarms
    ]


def _properties(alarm: Mapping[str, Any]) -> dict[str, Json]:
    # An empty list and a missing key mean the same to CloudWatch.
    properties = {key: alarm[key] for key in _WRITABLE if alarm.get(key) not in (None, [], "")}
    if "Dimensions" in properties:
        properties["Dimensions"] = _by_name(properties["Dimensions"])
    if "Metrics" in properties:
        properties["Metrics"] = {each["Id"]: _query(each) for each in properties["Metrics"]}
    for each in ACTIONS:
        if each in properties:
            properties[each] = dict.fromkeys(properties[each], True)
    if "AlarmRule" in properties:
        properties["AlarmRule"] = " ".join(properties["AlarmRule"].split())
    return properties


def _query(query: Mapping[str, Any]) -> dict[str, Json]:
    """One of `Metrics`, without its id. ReturnData is true where nobody said."""
    found = {key: value for key, value in query.items() if key != "Id" and value not in (None, "")}
    found.setdefault("ReturnData", True)
    if "MetricStat" in found:
        metric = found["MetricStat"]["Metric"]
        metric = {**metric, "Dimensions": _by_name(metric.get("Dimensions", []))}
        found["MetricStat"] = {**found["MetricStat"], "Metric": metric}
    return found


def _by_name(dimensions: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(dimensions, key=lambda each: each["Name"])


def _state(alarm: Mapping[str, Any]) -> dict[str, Json]:
    since = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    return {
        "state": alarm["StateValue"],
        "since": since.isoformat(timespec="seconds") if since else None,
    }


def _stages(alarms: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    parts = {each["AlarmName"]: _parts(each) for each in alarms}
    try:
        return depths(parts)
    except ValueError:  # a circle, which somebody made by hand: no order is right
        return dict.fromkeys(parts, 0)


def _parts(alarm: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the alarms that it refers to, by name or ARN."""
    if "AlarmRule" not in alarm:
        return ()
    try:
        written = [each.written.strip('"') for each in Rule.parse(alarm["AlarmRule"]).references]
    except ValueError:  # of a form that is newer than this
        written = []
    written += [alarm["ActionsSuppressor"]] if alarm.get("ActionsSuppressor") else []
    return tuple(each.rsplit(":alarm:", 1)[-1] for each in written)
