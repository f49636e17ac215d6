"""Alarms in CloudWatch: the only code that reads and writes them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from ops.aws.access import Access
from ops.aws.client import Aws, in_batches, side_by_side, tags_of, unless_gone
from ops.copilot.neighbours import Neighbours
from ops.copilot.place import MANAGED_BY, ServicePlace
from ops.kinds.alarms.live import ACTIONS, live_alarms
from ops.plan.model import Create, Delete, Json, Live, Plan, Properties, Update
from ops.plan.remote import Trace

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
        self._place = place = places[0]
        self._neighbours = Neighbours(aws, places)
        self._left_alone: Counter[str] = Counter()
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
        """One call for each 100 alarms of the environment, and for each service of elsewhere."""
        indexed = self._indexed
        foreign = self._neighbours.among(indexed.values())
        self._left_alone = Counter(each for each in indexed.values() if each in foreign)
        return {name for name, service in indexed.items() if service not in foreign}

    def warnings(self, plan: Plan) -> list[str]:
        """Return how many messages a sync sets off."""
        return _first_messages(plan)

    def left_alone(self) -> list[str]:
        """Return whose alarms the inventory left out."""
        return [
            f"The alarms of `{service}` ({count}) are left alone: it is no service of this "
            f"workspace, and still deployed to `{self._place.environment}`"
            for service, count in sorted(self._left_alone.items())
        ]

    @cached_property
    def _indexed(self) -> dict[str, str]:
        """By the index of tags, the names of the environment's alarms and their services."""
        found = self._aws.tagged("cloudwatch:alarm", self._tags)
        return {
            arn.split(":alarm:", 1)[1]: tags.get("copilot-service", "")
            for arn, tags in found.items()
        }

    def owned(self, names: Collection[str]) -> Collection[str]:
        """By the index of tags and, for those too new for it, by their own tags."""
        indexed = self._indexed
        unsure = [name for name in names if name not in indexed]
        services = {
            **{name: indexed[name] for name in names if name in indexed},
            **dict(zip(unsure, side_by_side(self._service_of, unsure), strict=True)),
        }
        foreign = self._neighbours.among(services.values())
        return {name for name, service in services.items() if service not in foreign}

    def _service_of(self, name: str) -> str:
        """The service of an alarm that `ops` made in this environment; empty for any other."""
        tags = tags_of(self._client.list_tags_for_resource, ResourceARN=self._arns[name])
        return tags.get("copilot-service", "") if self._tags.items() <= tags.items() else ""

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
        parameters.update({each: list(parameters.get(each) or ()) for each in ACTIONS})
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

    def traces(self, name: str) -> list[Trace]:
        """By its name, alone or in a list."""
        return [{"alarmName": name}, {"alarmNames": name}]


def _first_messages(plan: Plan) -> list[str]:
    """CloudWatch takes the actions of a new alarm's first state, OK included.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    made = [change.result for change in plan.changes if isinstance(change, Create)]
    topics = Counter(
        arn
        for properties in made
        for arn, is_set in dict(
            cast("Mapping[str, Json]", properties.get("OKActions") or {})
        ).items()
        if is_set
    )
    return [
        f"{count} new {'alarm' if count == 1 else 'alarms'} will send one OK message each to "
        f"{arn.rsplit(':', 1)[-1]}, as soon as CloudWatch has found them in order"
        for arn, count in sorted(topics.items())
    ]


def _is_composite(properties: Properties) -> bool:
    return "AlarmRule" in properties


def _without_undeclared_metrics(change: Update) -> dict[str, Json]:
    """All metrics of an expression are its own: one that it no longer names must not stay."""
    properties, declared = change.result, change.wanted.properties.get("Metrics")
    metrics = properties.get("Metrics")
    if isinstance(metrics, Mapping) and isinstance(declared, Mapping):
        properties["Metrics"] = {name: metrics[name] for name in declared}
    return properties
