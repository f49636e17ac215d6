"""The graphs of a service: which there are, and what each draws. Pure.

Metrics are written as dashboards want them:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html#CloudWatch-Dashboard-Properties-Metrics-Array-Format
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ops.copilot.place import ServicePlace
from ops.copilot.workload import Queue
from ops.kinds.logging.desired import LogMetric

Metric: TypeAlias = list[Any]


@dataclass(frozen=True)
class Graph:
    """What a widget of type `metric` shows. `lines` are marks at a value, by their labels."""

    title: str
    metrics: Sequence[Metric]
    unit: str
    lines: Sequence[tuple[str, float]] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def properties(self, region: str) -> dict[str, Any]:
        """The widget's `properties`. A minute is the finest that ECS and SQS report."""
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
    """The running tasks, as the expression `key`, without Container Insights.

    Each task reports its CPU once a minute, so the number of samples is the number of tasks. The
    period is divided out: a dashboard of a week draws longer ones.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html
    """
    samples = f"{key}samples"
    return [
        [
            *("AWS/ECS", "CPUUtilization", *_service(place)),
            {"id": samples, "stat": "SampleCount", "visible": False},
        ],
        [{"id": key, "label": "running", "expression": f"{samples} * 60 / PERIOD({samples})"}],
    ]


def graphs_of(place: ServicePlace, log_metrics: Sequence[LogMetric]) -> Iterator[Graph]:
    """The graphs of a service, by what it has."""
    if place.stack.target_group and place.stack.load_balancer:
        yield from _balanced(place, place.stack.target_group, place.stack.load_balancer)
    if place.queue is not None:
        yield from _consuming(place, place.queue)
    yield _tasks(place)
    yield _resources(place)
    if log_metrics:
        yield _from_logs(place, log_metrics)


def _balanced(place: ServicePlace, target_group: str, load_balancer: str) -> Iterator[Graph]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"""
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
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"""
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
    *samples, count = running(place)
    waiting = {"id": "waiting", "stat": "Maximum", "visible": False}
    each = {
        "id": "each",
        "label": "waiting for each task",
        # No task, no metric: then the whole backlog is one task's.
        "expression": "waiting / IF(FILL(running, 0) > 0, running, 1)",
    }
    yield Graph(
        f"{place.service}: backlog per task",
        [
            ["AWS/SQS", visible, "QueueName", queue.name, waiting],
            *samples,
            [{**count[0], "visible": False}],
            [each],
        ],
        "messages",
    )


def _tasks(place: ServicePlace) -> Graph:
    """Running, desired, and the bounds: what scaling did, and what it may do."""
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
    """What metric filters count. Values of a dimension are known to CloudWatch alone.

    The period is not divided out, as elsewhere: a search finds many metrics, of which none has an
    id. It is longer than a minute where the dashboard shows days.
    """
    metrics: list[Metric] = []
    for number, each in enumerate(log_metrics):
        if not each.dimensions:
            metrics.append([each.namespace, each.name, _as("Sum", each.name)])
            continue
        names = ",".join(f'"{name}"' for name in (each.namespace, *each.dimensions))
        wanted = f"SEARCH('{{{names}}} MetricName=\"{each.name}\"', 'Sum')"
        metrics.append([{"id": f"search{number}", "expression": wanted, "label": each.name}])
    return Graph(f"{place.service}: from its logs", metrics, "in each period")


def _service(place: ServicePlace) -> tuple[str, ...]:
    return ("ClusterName", place.stack.cluster, "ServiceName", place.stack.service)


def _as(stat: str, label: str) -> dict[str, Any]:
    return {"stat": stat, "label": label}
