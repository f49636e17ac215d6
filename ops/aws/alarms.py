"""DescribeAlarms by name, for every wing that reads alarms."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.aws.client import in_batches, side_by_side

_AT_ONCE = 100  # the most names that a call takes, and the most alarms that it returns


def describe_alarms(client: Any, names: Collection[str]) -> list[Mapping[str, Any]]:  # noqa: ANN401
    """Return the metric and composite alarms that exist with these names: a call for each 100.

    `MaxRecords` is explicit: AWS does not document how many it returns by default.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """

    def describe(batch: Sequence[str]) -> list[Mapping[str, Any]]:
        answer = client.describe_alarms(
            AlarmNames=list(batch),
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            MaxRecords=_AT_ONCE,
        )
        return [*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())]

    answers = side_by_side(describe, in_batches(sorted(names), _AT_ONCE))
    return [alarm for alarms in answers for alarm in alarms]
