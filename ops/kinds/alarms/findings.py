"""Warnings about alarms that CloudWatch accepts. Pure."""

from collections.abc import Iterator, Mapping

from ops.base.fields import as_duration
from ops.copilot.place import ServiceStack
from ops.kinds.alarms.alarm import Alarm, Condition, MathAlarm, MetricAlarm
from ops.kinds.alarms.counts import uncounted

_MINUTE = 60
_ECS, _FINEST_OF_ECS = "AWS/ECS", 20  # seconds


def without_data(alarms: Mapping[str, Alarm]) -> Iterator[str]:
    """Yield the alarms whose period is shorter than the interval at which AWS publishes metrics.

    CloudWatch accepts such an alarm, bills it as a high-resolution one, and finds no data. A
    service may have its metrics of ECS every 20 seconds:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MetricConfiguration.html
    """
    for short, alarm in alarms.items():
        if not isinstance(alarm, Condition) or alarm.period >= _MINUTE:
            continue
        for namespace in sorted(_namespaces(alarm)):
            fine = namespace == _ECS and alarm.period == _FINEST_OF_ECS
            if namespace.startswith("AWS/") and not fine:
                yield (
                    f"`{short}` has a period of {as_duration(alarm.period)}, and AWS publishes "
                    f"{namespace} once a minute: it costs more and finds no data. Give it `period: "
                    "1m`"
                )


def miscounted(alarms: Mapping[str, Alarm], stack: ServiceStack) -> Iterator[str]:
    """Yield the alarms that read samples of tasks by `METRICS()` where a task sends several."""
    for short, alarm in alarms.items():
        for name in uncounted(alarm, stack) if isinstance(alarm, MathAlarm) else ():
            yield (
                f"`{short}` reads `{name}` by `METRICS()`, and each task of the service sends "
                f"{stack.samples_per_minute} samples a minute. Name the metrics, and ops divides"
            )


def _namespaces(alarm: Condition) -> set[str]:
    match alarm:
        case MathAlarm():
            return {metric.namespace for metric in alarm.metrics.values()}
        case MetricAlarm():
            return {alarm.namespace}
        case _:
            return set()
