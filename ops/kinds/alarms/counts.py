"""Alarms that count tasks by the samples of their metrics. Pure.

A task reports once a minute, or every 20 seconds if its service says so:
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MetricConfiguration.html
"""

import re

from ops.copilot.place import ServiceStack
from ops.kinds.alarms.alarm import MathAlarm, Metric

_MINUTE = 60
_QUOTED_OR_NAME = re.compile(r"""\"[^\"]*\"|'[^']*'|\b[A-Za-z_]\w*""")
_ALL = re.compile(r"\bMETRICS\s*\(")


def samples_per_task(metric: Metric, period: int, stack: ServiceStack) -> int:
    """Return how many samples a task sends for each one that an alarm expects of it.

    An alarm expects one in a period below a minute.
    """
    counts = metric.namespace == "AWS/ECS" and metric.statistic == "SampleCount"
    return stack.samples_per_minute if counts and period >= _MINUTE else 1


def counted(alarm: MathAlarm, stack: ServiceStack) -> str:
    """Return an alarm's expression, in which sample counts are those of one sample a minute."""
    samples = {
        name: samples_per_task(metric, alarm.period, stack)
        for name, metric in alarm.metrics.items()
    }

    def fill(match: re.Match[str]) -> str:
        count = samples.get(match[0], 1)
        return match[0] if count == 1 else f"({match[0]} / {count})"

    return _QUOTED_OR_NAME.sub(fill, alarm.expression)


def uncounted(alarm: MathAlarm, stack: ServiceStack) -> list[str]:
    """Return the sample counts that an expression reads by `METRICS()`, where `counted` cannot
    divide them.
    """
    if _ALL.search(alarm.expression) is None:
        return []
    metrics = alarm.metrics.items()
    return [name for name, metric in metrics if samples_per_task(metric, alarm.period, stack) > 1]
