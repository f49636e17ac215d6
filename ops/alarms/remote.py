"""Alarms in CloudWatch: the only code that reads and writes them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.access import Access
from ops.alarms.live import ACTIONS, live_alarms
from ops.aws import Aws, in_batches, side_by_side, unless_gone
from ops.place import MANAGED_BY, ServicePlace
from ops.plan import Create, Delete, Json, Live, Properties, Update

ACCESS = Access(
    "cloudwatch",
    reads=("DescribeAlarms", "ListTagsForResource"),
    writes=("PutMetricAlarm", "PutCompositeAlarm", "DeleteAlarms"),
    implied=("cloudwatch:TagResource",),
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
        self._client = aws.client(ACCESS)
        self._arns: dict[str, str] = {}

    def read(self, names: Collection[str]) -> list[Live]:
        """One call for each 100 names, whatever the alarms are made of."""
        batches = in_batches(sorted(names), _DESCRIBED_AT_ONCE)
        answers = side_by_side(self._describe, batches)
        alarms = [alarm for answer in answers for alarm in answer]
        self._arns.update({alarm["AlarmName"]: alarm["AlarmArn"] for alarm in alarms})
        return live_alarms(alarms)

    def _describe(self, names: Sequence[str]) -> list[Mapping[str, Any]]:
        answer = self._client.describe_alarms(
            AlarmNames=names,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            MaxRecords=_DESCRIBED_AT_ONCE,
        )
        return [*answer["MetricAlarms"], *answer["CompositeAlarms"]]

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
        """Put it with the tags, which CloudWatch takes only for an alarm that is new."""
        self._put(change.name, change.result, change.wanted.tags)

    def update(self, change: Update) -> None:
        """Put it with everything the alarm has, the declared fields renewed.

        A metric alarm does not become a composite one, nor the reverse: it is made anew.
        """
        if _is_composite(change.wanted.properties) is _is_composite(change.live.properties):
            self._put(change.name, _without_undeclared_metrics(change), {})
        else:
            with unless_gone():
                self._client.delete_alarms(AlarmNames=[change.name])
            self.create(Create(change.wanted))

    def _put(self, name: str, properties: Properties, tags: Mapping[str, str]) -> None:
        parameters: dict[str, Any] = {"AlarmName": name, **properties}
        if tags:
            parameters["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
        parameters.update({each: list(properties.get(each) or ()) for each in ACTIONS})
        if _is_composite(properties):
            self._client.put_composite_alarm(**parameters)
            return
        if "Metrics" in parameters:
            parameters["Metrics"] = [
                {"Id": name, **query} for name, query in parameters["Metrics"].items()
            ]
        self._client.put_metric_alarm(**parameters)

    def delete(self, change: Delete) -> None:
        """DeleteAlarms with one name: AWS refuses a whole batch for one that others refer to."""
        with unless_gone():
            self._client.delete_alarms(AlarmNames=[change.name])


def _is_composite(properties: Properties) -> bool:
    return "AlarmRule" in properties


def _without_undeclared_metrics(change: Update) -> dict[str, Json]:
    """All metrics of an expression are its own: one that it no longer names must not stay."""
    properties, declared = change.result, change.wanted.properties.get("Metrics")
    metrics = properties.get("Metrics")
    if isinstance(metrics, Mapping) and isinstance(declared, Mapping):
        properties["Metrics"] = {name: metrics[name] for name in declared}
    return properties
