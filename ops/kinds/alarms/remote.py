"""Alarms in CloudWatch: the only code that reads and writes them."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from ops.aws.access import Access
from ops.aws.alarms import describe_alarms
from ops.aws.client import Aws, side_by_side, tags_of, unless_gone
from ops.aws.constraints import Request
from ops.copilot.neighbours import Neighbours
from ops.copilot.place import MANAGED_BY, ServicePlace
from ops.kinds.alarms.live import ACTIONS, live_alarms
from ops.plan.model import Create, Delete, Json, Live, Plan, Properties, Resource, Update
from ops.plan.remote import Trace

ACCESS = Access(
    "cloudwatch",
    reads=("DescribeAlarms", "ListTagsForResource"),
    writes=("PutMetricAlarm", "PutCompositeAlarm", "DeleteAlarms"),
    implied=("cloudwatch:TagResource",),
)


class Remote:
    """The alarms of some services in one environment."""

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
        """Read alarms of all types: one call for each 100 names."""
        alarms = describe_alarms(self._client, names)
        self._arns.update({alarm["AlarmName"]: alarm["AlarmArn"] for alarm in alarms})
        return live_alarms(alarms)

    def inventory(self) -> Collection[str]:
        """Return the alarms of the environment that belong to services of this workspace.

        One call for each 100, and one for each service of another workspace.
        """
        indexed = self._indexed
        foreign = self._neighbours.among(indexed.values())
        self._left_alone = Counter(service for service in indexed.values() if service in foreign)
        return {name for name, service in indexed.items() if service not in foreign}

    def warnings(self, plan: Plan) -> list[str]:
        """Warn about the messages that the first state of new alarms sends."""
        return _first_messages(plan)

    def left_alone(self) -> list[str]:
        """Report the services whose alarms the inventory left out."""
        return [
            f"The alarms of `{service}` ({count}) are left alone: it is not a service of this "
            f"workspace, and still deployed to `{self._place.environment}`"
            for service, count in sorted(self._left_alone.items())
        ]

    @cached_property
    def _indexed(self) -> dict[str, str]:
        """Return the environment's alarms in the index of tags, with their services."""
        alarms = self._aws.tagged("cloudwatch:alarm", self._tags)
        return {
            arn.split(":alarm:", 1)[1]: tags.get("copilot-service", "")
            for arn, tags in alarms.items()
        }

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Return the alarms with our tags: from the tag index, then from each other alarm."""
        indexed = self._indexed
        unsure = [name for name in names if name not in indexed]
        services = {
            **{name: indexed[name] for name in names if name in indexed},
            **dict(zip(unsure, side_by_side(self._service_of, unsure), strict=True)),
        }
        foreign = self._neighbours.among(services.values())
        return {name for name, service in services.items() if service not in foreign}

    def _service_of(self, name: str) -> str:
        """Return the service of an alarm that `ops` created here; empty for any other alarm."""
        tags = tags_of(self._client.list_tags_for_resource, ResourceARN=self._arns[name])
        return tags.get("copilot-service", "") if self._tags.items() <= tags.items() else ""

    def create(self, change: Create) -> None:
        """Put an alarm with its tags, which CloudWatch accepts only for a new one."""
        self._put(change.name, change.result, change.wanted.tags)

    def update(self, change: Update) -> None:
        """Put an alarm again: the declared fields over the existing ones.

        A metric alarm cannot become a composite one, nor the reverse, so it is recreated.
        """
        if _is_composite(change.wanted.properties) is _is_composite(change.live.properties):
            self._put(change.name, _without_undeclared_metrics(change), {})
        else:
            with unless_gone():
                self._client.delete_alarms(AlarmNames=[change.name])
            self.create(Create(change.wanted))

    def _put(self, name: str, properties: Properties, tags: Mapping[str, str]) -> None:
        request = put_request(name, properties, tags)
        if request.operation == "PutCompositeAlarm":
            self._client.put_composite_alarm(**request.parameters)
        else:
            self._client.put_metric_alarm(**request.parameters)

    def requests(self, resource: Resource) -> Iterator[Request]:
        """Yield the request that creates an alarm."""
        yield put_request(resource.name, Create(resource).result, resource.tags)

    def delete(self, change: Delete) -> None:
        """Delete one alarm. AWS refuses a whole batch if others refer to one of its alarms."""
        with unless_gone():
            self._client.delete_alarms(AlarmNames=[change.name])

    def traces(self, name: str) -> list[Trace]:
        """Name an alarm by its name, alone or in a list."""
        return [{"alarmName": name}, {"alarmNames": name}]


def _first_messages(plan: Plan) -> list[str]:
    """Warn about OK messages: CloudWatch takes the actions of a new alarm's first state.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    created = [change.result for change in plan.changes if isinstance(change, Create)]
    topics = Counter(
        arn
        for properties in created
        for arn, is_set in dict(
            cast("Mapping[str, Json]", properties.get("OKActions") or {})
        ).items()
        if is_set
    )
    return [
        f"{count} new {'alarm' if count == 1 else 'alarms'} will send one OK message each to "
        f"{arn.rsplit(':', 1)[-1]} when CloudWatch first finds them in state OK"
        for arn, count in sorted(topics.items())
    ]


def put_request(name: str, properties: Properties, tags: Mapping[str, str]) -> Request:
    """Return the request that puts an alarm."""
    parameters: dict[str, Any] = {"AlarmName": name, **properties}
    if tags:
        parameters["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    parameters.update({field: list(parameters.get(field) or ()) for field in ACTIONS})
    if _is_composite(properties):
        return Request(ACCESS.service, "PutCompositeAlarm", parameters)
    if "Metrics" in parameters:
        parameters["Metrics"] = [
            {"Id": name, **query} for name, query in parameters["Metrics"].items()
        ]
    return Request(ACCESS.service, "PutMetricAlarm", parameters)


def _is_composite(properties: Properties) -> bool:
    return "AlarmRule" in properties


def _without_undeclared_metrics(change: Update) -> dict[str, Json]:
    """Return the update's properties without metrics that the expression no longer uses."""
    properties, declared = change.result, change.wanted.properties.get("Metrics")
    metrics = properties.get("Metrics")
    if isinstance(metrics, Mapping) and isinstance(declared, Mapping):
        properties["Metrics"] = {name: metrics[name] for name in declared}
    return properties
