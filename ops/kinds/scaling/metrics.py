"""The metric math of the policies, for a queue and a service. Pure.

Running tasks are the samples that AWS/ECS CPUUtilization has in a minute, which needs no
Container Insights, divided by those that one task sends in that time:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html

In arithmetic a missing value counts as 0 if another value exists, and AWS/ECS is later than
AWS/SQS. So a minute has a value only once both are known; else its load would be 0 for a while:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

SQS reports visible messages whenever the queue is active, but sent and held messages only if there
are any:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html

Metrics are sorted by their ids, as the remote sorts those that it reads.
"""

from collections.abc import Mapping, Sequence

from ops.copilot.place import ServiceStack
from ops.kinds.scaling.settings import MINUTE, PublishedLoad
from ops.plan.model import Json

Metrics = list[Json]

_RESULT = "result"


def backlog_per_task(queue: str, stack: ServiceStack, *, in_flight: bool) -> Metrics:
    """Return the messages that wait (and those that consumers hold) for each running task.

    For target tracking, whose metrics have no period of their own; it accepts any function:
    https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
    There is no value while no task runs.
    """
    inputs = {"visible": _queue_metric(queue, "ApproximateNumberOfMessagesVisible", "Average")}
    if in_flight:
        inputs["held"] = _queue_metric(queue, "ApproximateNumberOfMessagesNotVisible", "Average")
    waiting = f"({' + '.join(sorted(inputs, reverse=True))})" if in_flight else "visible"
    expression = _if_known(f"{waiting} / {_tasks(stack)}")
    return _math(expression, {**inputs, "running": _running(stack)})


def load(queue: str, stack: ServiceStack, seconds: float, drain: int) -> Metrics:
    """Return the work that arrives and waits, as a share of what the running tasks can do.

    `seconds` is one task's time for a message; waiting messages are due within `drain` seconds.
    """
    work, inputs = _work(queue, stack, seconds, drain)
    return _math(_if_known(f"({work}) / {_tasks(stack)}"), inputs, period=MINUTE)


def load_with_one_task_fewer(
    queue: str, stack: ServiceStack, seconds: float, drain: int, *, last_task: float
) -> Metrics:
    """Return the load that one task fewer would have; `last_task` while only one runs.

    With no value for one task the alarm would stay in ALARM on its last points and invoke its
    policy each minute, and minus some percent of one task is minus one:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
    """
    work, inputs = _work(queue, stack, seconds, drain)
    tasks = _tasks(stack)
    spared = f"IF({tasks} > 1, ({work}) / ({tasks} - 1), {last_task:g})"
    return _math(_if_known(spared), inputs, period=MINUTE)


def _work(
    queue: str, stack: ServiceStack, seconds: float, drain: int
) -> tuple[str, dict[str, dict[str, Json]]]:
    share = f"{seconds:.9f}".rstrip("0").rstrip(".")  # metric math has no exponents
    work = f"FILL(sent, 0) / {MINUTE} * {share} + visible * {share} / {drain}"
    return work, {
        "sent": _queue_metric(queue, "NumberOfMessagesSent", "Sum"),
        "visible": _queue_metric(queue, "ApproximateNumberOfMessagesVisible", "Average"),
        "running": _running(stack),
    }


def published(settings: PublishedLoad, name: str) -> Metrics:
    """Return a metric that the application publishes."""
    metric = _metric(settings.namespace, name, settings.dimensions)
    stat: dict[str, Json] = {"Metric": metric, "Stat": "Average", "Period": settings.period}
    return [{"Id": _RESULT, "MetricStat": stat, "ReturnData": True}]


def visible(queue: str) -> Metrics:
    """Return the messages that wait."""
    return _alone(_queue_metric(queue, "ApproximateNumberOfMessagesVisible", "Average"))


def age(queue: str) -> Metrics:
    """Return the seconds that the oldest message has waited."""
    return _alone(_queue_metric(queue, "ApproximateAgeOfOldestMessage", "Maximum"))


def unclaimed(queue: str) -> Metrics:
    """Return the messages that wait while no consumer holds any; 0 while one does."""
    inputs = {
        "visible": _queue_metric(queue, "ApproximateNumberOfMessagesVisible", "Minimum"),
        "held": _queue_metric(queue, "ApproximateNumberOfMessagesNotVisible", "Maximum"),
    }
    return _math("IF(FILL(held, 0) > 0, 0, visible)", inputs, period=MINUTE)


def _if_known(expression: str) -> str:
    """Return the expression with no value until messages and running tasks are both known.

    -1 replaces a missing value: AWS does not document whether comparisons treat that as 0.
    """
    return f"IF(running > 0 AND FILL(visible, -1) >= 0, {expression})"


def _tasks(stack: ServiceStack) -> str:
    """Return the number of running tasks as an expression of the samples in a minute."""
    samples = stack.samples_per_minute
    return "running" if samples == 1 else f"(running / {samples})"


def _running(stack: ServiceStack) -> dict[str, Json]:
    dimensions = {"ClusterName": stack.cluster, "ServiceName": stack.service}
    metric = _metric("AWS/ECS", "CPUUtilization", dimensions)
    return {"Metric": metric, "Stat": "SampleCount"}


def _queue_metric(queue: str, name: str, statistic: str) -> dict[str, Json]:
    return {"Metric": _metric("AWS/SQS", name, {"QueueName": queue}), "Stat": statistic}


def _metric(namespace: str, name: str, dimensions: Mapping[str, str]) -> dict[str, Json]:
    listed: Sequence[Json] = [
        {"Name": name, "Value": value} for name, value in sorted(dimensions.items())
    ]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": listed}


def _alone(stat: Mapping[str, Json]) -> Metrics:
    return [{"Id": _RESULT, "MetricStat": {**stat, "Period": MINUTE}, "ReturnData": True}]


def _math(
    expression: str, inputs: Mapping[str, Mapping[str, Json]], period: int | None = None
) -> Metrics:
    timed: Mapping[str, Json] = {} if period is None else {"Period": period}
    queries: list[tuple[str, dict[str, Json]]] = [
        (name, {"MetricStat": {**stat, **timed}, "ReturnData": False})
        for name, stat in inputs.items()
    ]
    queries.append((_RESULT, {"Expression": expression, "ReturnData": True}))
    return [{"Id": name, **query} for name, query in sorted(queries)]
