"""Alarms in CloudWatch: the only code that reads and writes them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.aws import Aws, in_batches, side_by_side
from ops.place import MANAGED_BY, ServicePlace
from ops.plan import Create, Delete, Json, Live, Update

# What PutMetricAlarm sets and DescribeAlarms answers: an update writes all of it back, because
# PutMetricAlarm resets what it is not told.
_WRITABLE = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
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
)
_DESCRIBED_AT_ONCE = 100  # the most names that DescribeAlarms takes


class Remote:
    """The alarms of some services of one environment."""

    def __init__(self, aws: Aws, places: Sequence[ServicePlace]) -> None:
        self._aws = aws
        place = places[0]
        self._tags = {
            **MANAGED_BY,
            "copilot-application": place.application,
            "copilot-environment": place.environment,
        }
        self._client = aws.session.client("cloudwatch", config=aws.config)
        self._arns: dict[str, str] = {}

    def read(self, names: Collection[str]) -> list[Live]:
        """One call for each 100 names."""
        batches = in_batches(sorted(names), _DESCRIBED_AT_ONCE)
        answers = side_by_side(self._describe, batches)
        alarms = [alarm for answer in answers for alarm in answer]
        self._arns.update({alarm["AlarmName"]: alarm["AlarmArn"] for alarm in alarms})
        return [_live(alarm) for alarm in alarms]

    def _describe(self, names: Sequence[str]) -> list[Mapping[str, Any]]:
        answer = self._client.describe_alarms(
            AlarmNames=names, AlarmTypes=["MetricAlarm"], MaxRecords=_DESCRIBED_AT_ONCE
        )
        return list(answer["MetricAlarms"])

    def inventory(self) -> Collection[str]:
        """One call for each 100 alarms of the environment that carry the tags."""
        arns = self._aws.tagged("cloudwatch:alarm", self._tags)
        return {arn.split(":alarm:", 1)[1] for arn in arns}

    def owned(self, names: Collection[str]) -> Collection[str]:
        """By the index of tags and, for those too new for it, by their own tags."""
        indexed = self.inventory()
        unsure = [name for name in names if name not in indexed]
        ours = side_by_side(self._has_tags, unsure)
        return {*indexed, *(name for name, is_ours in zip(unsure, ours, strict=True) if is_ours)}

    def _has_tags(self, name: str) -> bool:
        answer = self._client.list_tags_for_resource(ResourceARN=self._arns[name])
        tags = {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
        return self._tags.items() <= tags.items()

    def create(self, change: Create) -> None:
        """PutMetricAlarm with the tags, which it takes only for an alarm that is new."""
        tags: list[Json] = [
            {"Key": key, "Value": value} for key, value in change.wanted.tags.items()
        ]
        self._put(change.name, {**change.result, "Tags": tags})

    def update(self, change: Update) -> None:
        """PutMetricAlarm with everything the alarm has, the declared fields renewed."""
        self._put(change.name, change.result)

    def _put(self, name: str, properties: Mapping[str, Json]) -> None:
        parameters: dict[str, Any] = {"AlarmName": name, **properties}
        self._client.put_metric_alarm(**parameters)

    def delete(self, change: Delete) -> None:
        """DeleteAlarms with one name: AWS refuses a whole batch for one that is missing."""
        self._client.delete_alarms(AlarmNames=[change.name])


def _live(alarm: Mapping[str, Any]) -> Live:
    # An empty list and a missing key mean the same to CloudWatch.
    properties = {key: alarm[key] for key in _WRITABLE if alarm.get(key) not in (None, [], "")}
    if "Dimensions" in properties:
        properties["Dimensions"] = sorted(properties["Dimensions"], key=lambda each: each["Name"])
    since = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    state = {
        "state": alarm["StateValue"],
        "since": since.isoformat(timespec="seconds") if since else None,
    }
    return Live(alarm["AlarmName"], properties, state)
