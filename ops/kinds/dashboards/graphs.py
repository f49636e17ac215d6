"""The graphs of a service and their metrics. Pure.

Metrics are written as dashboards want them:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html#CloudWatch-Dashboard-Properties-Metrics-Array-Format
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ops.copilot.place import ServicePlace
from ops.copilot.workload import Queue
from ops.kinds.log_metrics.desired import LogMetric

Metric: TypeAlias = list[Any]


@dataclass(frozen=True)
class Graph:
    """A widget of type `metric`. `lines` are horizontal annotations by label."""

    title: str
    metrics: Sequence[Metric]
    unit: str
    lines: Sequence[tuple[str, float]] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def properties(self, region: str) -> dict[str, Any]:
        """Return the widget's `properties`. ECS and SQS report once a minute at most."""
        marks = [{"label": label, "value": value} for label, value in self.lines]
        return {
            "title": self.title,
            "region": region,
            "view": "timeSeries",
            "period": 60,
            "metrics": [list(metric) for metric in self.metrics],
            "yAxis": {"left": {"min": 0, "label": self.unit}},
            **({"annotations": {"horizontal": marks}} if marks else {}),
            **self.extra,
        }


def running(place: ServicePlace, key: str = "running") -> list[Metric]:
    """Return the number of running tasks as the expression `key`, without Container Insights.

    Each task reports its CPU once in the service's resolution, so the samples of that time are the
    tasks. The period is divided out: a dashboard of a week draws longer ones.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html
    """
    samples, seconds = f"{key}samples", place.stack.metric_resolution
    return [
        [
            *("AWS/ECS", "CPUUtilization", *_service(place)),
            {"id": samples, "stat": "SampleCount", "visible": False},
        ],
        [
            {
                "id": key,
                "label": "running",
                "expression": f"{samples} * {seconds} / PERIOD({samples})",
            }
        ],
    ]


def graphs_of(place: ServicePlace, log_metrics: Sequence[LogMetric]) -> Iterator[Graph]:
    """Return the graphs of a service, depending on its resources."""
    if place.stack.target_group and place.stack.load_balancer:
        yield from _balanced(place, place.stack.target_group, place.stack.load_balancer)
    if place.queue is not None:
        yield from _consuming(place, place.queue)
    yield _tasks(place)
    yield _resources(place)
    if log_metrics:
        yield _from_logs(place, log_metrics)


def _balanced(place: ServicePlace, target_group: str, load_balancer: str) -> Iterator[Graph]:
    """Yield the graphs of a load balancer.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    balancer = ("LoadBalancer", load_balancer)
    group = ("TargetGroup", target_group, *balancer)
    network = load_balancer.startswith("net/")
    namespace = "AWS/NetworkELB" if network else "AWS/ApplicationELB"
    if not network:
        count = [namespace, "RequestCount", *group, {"id": "n", "stat": "Sum", "visible": False}]
        rate = [{"id": "rate", "label": "requests", "expression": "n / PERIOD(n)"}]
        yield Graph(f"{place.service}: requests", [count, rate], "a second")
        yield Graph(
            f"{place.service}: latency",
            [[namespace, "TargetResponseTime", *group, _as(p, p)] for p in ("p50", "p95", "p99")],
            "seconds",
        )
        answers = (("4XX", "4xx of the service"), ("5XX", "5xx of the service"))
        yield Graph(
            f"{place.service}: errors",
            [
                *(
                    [namespace, f"HTTPCode_Target_{code}_Count", *group, _as("Sum", label)]
                    for code, label in answers
                ),
                # The load balancer's own have no target group: they are those of all its services.
                [namespace, "HTTPCode_ELB_5XX_Count", *balancer, _as("Sum", "5xx of the balancer")],
            ],
            "responses",
        )
    hosts = (("HealthyHostCount", "Minimum", "healthy"), ("UnHealthyHostCount", "Maximum", "not"))
    yield Graph(
        f"{place.service}: targets",
        [[namespace, name, *group, _as(stat, label)] for name, stat, label in hosts],
        "targets",
    )


def _consuming(place: ServicePlace, queue: Queue) -> Iterator[Graph]:
    """Yield the graphs of a queue.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    visible = "ApproximateNumberOfMessagesVisible"
    depth = [
        ["AWS/SQS", visible, "QueueName", queue.name, _as("Maximum", "waiting")],
        [
            *("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", queue.name),
            _as("Maximum", "in work"),
        ],
    ]
    if queue.dead_letters is not None:
        dead = _as("Maximum", "dead letters")
        depth.append(["AWS/SQS", visible, "QueueName", queue.dead_letters, dead])
    yield Graph(f"{place.service}: queue", depth, "messages")
    oldest = ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue.name]
    yield Graph(f"{place.service}: oldest message", [[*oldest, _as("Maximum", "age")]], "seconds")
    samples, (count,) = running(place)
    waiting = {"id": "waiting", "stat": "Maximum", "visible": False}
    per_task = {
        "id": "each",
        "label": "waiting for each task",
        # No task, no metric: then the whole backlog is one task's.
        "expression": "waiting / IF(FILL(running, 0) > 0, running, 1)",
    }
    yield Graph(
        f"{place.service}: backlog per task",
        [
            ["AWS/SQS", visible, "QueueName", queue.name, waiting],
            samples,
            [{**count, "visible": False}],
            [per_task],
        ],
        "messages",
    )


def _tasks(place: ServicePlace) -> Graph:
    """Return the graph of running and desired tasks and the limits."""
    desired = [
        *("ECS/ContainerInsights", "DesiredTaskCount", *_service(place)),
        _as("Average", "desired (Container Insights)"),
    ]
    tasks = place.workload.tasks
    bounds = () if tasks is None else (("least", tasks.least), ("most", tasks.most))
    return Graph(f"{place.service}: tasks", [*running(place), desired], "tasks", bounds)


def _resources(place: ServicePlace) -> Graph:
    shown = (("CPUUtilization", "CPU"), ("MemoryUtilization", "memory"))
    metrics = [
        ["AWS/ECS", name, *_service(place), _as(stat, f"{label}, {word}")]
        for name, label in shown
        for stat, word in (("Average", "average"), ("Maximum", "busiest task"))
    ]
    return Graph(f"{place.service}: CPU and memory", metrics, "percent", (("all", 100),))


def _from_logs(place: ServicePlace, log_metrics: Sequence[LogMetric]) -> Graph:
    """Return the graphs of metric filters. Only CloudWatch knows the values of a dimension.

    The period is not divided out here: a search finds many metrics, none of which has an ID. It is
    longer than a minute if the dashboard shows days.
    """
    metrics: list[Metric] = []
    for number, metric in enumerate(log_metrics):
        if not metric.dimensions:
            metrics.append([metric.namespace, metric.name, _as("Sum", metric.name)])
            continue
        names = ",".join(f'"{name}"' for name in (metric.namespace, *metric.dimensions))
        search = f"SEARCH('{{{names}}} MetricName=\"{metric.name}\"', 'Sum')"
        metrics.append([{"id": f"search{number}", "expression": search, "label": metric.name}])
    return Graph(f"{place.service}: from its logs", metrics, "in each period")


def _service(place: ServicePlace) -> tuple[str, ...]:
    return ("ClusterName", place.stack.cluster, "ServiceName", place.stack.service)


def _as(stat: str, label: str) -> dict[str, Any]:
    return {"stat": stat, "label": label}
