"""The graphs of a service and their metrics."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ops.copilot.place import EnvironmentPlace, ServicePlace, ServiceStack
from ops.copilot.workload import Queue
from ops.kinds.dashboards.graphs import running
from tests.ops.kinds.dashboards.shop import CONSUMER, WORKER, body, graph, titles


def test_a_service_has_the_graphs_of_what_it_has() -> None:
    assert titles() == [
        "web: requests",
        "web: latency",
        "web: errors",
        "web: targets",
        "web: tasks",
        "web: CPU and memory",
        "web: from its logs",
        "worker: queue",
        "worker: oldest message",
        "worker: backlog per task",
        "worker: tasks",
        "worker: CPU and memory",
    ]


def test_a_network_load_balancer_counts_no_requests() -> None:
    stack = ServiceStack("s", "shop-prod", "shop-web", "targetgroup/web/1", "net/public/2")
    place = EnvironmentPlace("shop", "prod", (ServicePlace("shop", "prod", "web", stack),))
    assert titles(place) == ["web: targets", "web: tasks", "web: CPU and memory"]


def test_running_tasks_are_the_samples_of_a_minute_whatever_the_period() -> None:
    tasks = graph("worker: tasks")
    samples, running, desired_count = tasks["metrics"]
    assert samples[:2] == ["AWS/ECS", "CPUUtilization"]
    assert samples[-1] == {"id": "runningsamples", "stat": "SampleCount", "visible": False}
    assert running[0]["expression"] == "runningsamples * 60 / PERIOD(runningsamples)"
    assert desired_count[:2] == ["ECS/ContainerInsights", "DesiredTaskCount"]
    assert tasks["annotations"]["horizontal"] == [
        {"label": "least", "value": 2},
        {"label": "most", "value": 20},
    ]


def test_running_tasks_follow_the_resolution_of_the_service() -> None:
    stack = replace(WORKER, metric_resolution=20)
    [_, count] = running(ServicePlace("shop", "prod", "worker", stack))
    assert count[0]["expression"] == "runningsamples * 20 / PERIOD(runningsamples)"


def test_the_backlog_is_shared_by_the_running_tasks_and_is_whole_without_one() -> None:
    *_, each = graph("worker: backlog per task")["metrics"]
    assert each[0]["expression"] == "waiting / IF(FILL(running, 0) > 0, running, 1)"


def test_metrics_from_logs_are_drawn_and_those_with_dimensions_searched() -> None:
    errors, slow = graph("web: from its logs")["metrics"]
    assert errors[:2] == ["shop/prod/web", "errors"]
    wanted = """SEARCH('{"shop/prod/web","Task"} MetricName="slow"', 'Sum')"""
    assert slow[0]["expression"] == wanted


def test_sums_are_not_said_to_be_of_a_minute_where_the_period_follows_the_range() -> None:
    assert body()["periodOverride"] == "auto"
    assert graph("web: from its logs")["yAxis"]["left"]["label"] == "in each period"


def of_service(name: str, **options: Any) -> list[Any]:  # noqa: ANN401
    return ["AWS/ECS", name, "ClusterName", "shop-prod", "ServiceName", "shop-worker", options]


def of_queue(name: str, queue: str = "jobs", **options: Any) -> list[Any]:  # noqa: ANN401
    return ["AWS/SQS", name, "QueueName", queue, options]


def test_the_graphs_of_a_consumer() -> None:
    waiting = "ApproximateNumberOfMessagesVisible"
    assert graph("worker: queue")["metrics"] == [
        of_queue(waiting, stat="Maximum", label="waiting"),
        of_queue("ApproximateNumberOfMessagesNotVisible", stat="Maximum", label="in work"),
        of_queue(waiting, "dead", stat="Maximum", label="dead letters"),
    ]
    assert graph("worker: oldest message")["metrics"] == [
        of_queue("ApproximateAgeOfOldestMessage", stat="Maximum", label="age")
    ]
    *hidden, _ = graph("worker: backlog per task")["metrics"]
    assert hidden == [
        of_queue(waiting, id="waiting", stat="Maximum", visible=False),
        of_service("CPUUtilization", id="runningsamples", stat="SampleCount", visible=False),
        [
            {
                "id": "running",
                "label": "running",
                "expression": "runningsamples * 60 / PERIOD(runningsamples)",
                "visible": False,
            }
        ],
    ]
    resources = graph("worker: CPU and memory")
    assert resources["metrics"] == [
        of_service("CPUUtilization", stat="Average", label="CPU, average"),
        of_service("CPUUtilization", stat="Maximum", label="CPU, busiest task"),
        of_service("MemoryUtilization", stat="Average", label="memory, average"),
        of_service("MemoryUtilization", stat="Maximum", label="memory, busiest task"),
    ]
    assert resources["annotations"]["horizontal"] == [{"label": "all", "value": 100}]
    assert resources["yAxis"] == {"left": {"min": 0, "label": "percent"}}
    assert (resources["view"], resources["period"]) == ("timeSeries", 60)


def of_balancer(name: str, *, group: bool = True, **options: Any) -> list[Any]:  # noqa: ANN401
    of_group = ["TargetGroup", "targetgroup/web/1"] if group else []
    return ["AWS/ApplicationELB", name, *of_group, "LoadBalancer", "app/public/2", options]


def test_the_graphs_behind_a_load_balancer() -> None:
    assert graph("web: requests")["metrics"] == [
        of_balancer("RequestCount", id="n", stat="Sum", visible=False),
        [{"id": "rate", "label": "requests", "expression": "n / PERIOD(n)"}],
    ]
    assert graph("web: latency")["metrics"] == [
        of_balancer("TargetResponseTime", stat=stat, label=stat) for stat in ("p50", "p95", "p99")
    ]
    assert graph("web: errors")["metrics"] == [
        of_balancer("HTTPCode_Target_4XX_Count", stat="Sum", label="4xx of the service"),
        of_balancer("HTTPCode_Target_5XX_Count", stat="Sum", label="5xx of the service"),
        of_balancer("HTTPCode_ELB_5XX_Count", group=False, stat="Sum", label="5xx of the balancer"),
    ]
    assert graph("web: targets")["metrics"] == [
        of_balancer("HealthyHostCount", stat="Minimum", label="healthy"),
        of_balancer("UnHealthyHostCount", stat="Maximum", label="not"),
    ]


def test_a_queue_without_dead_letters_draws_none() -> None:
    alone = replace(CONSUMER, queue=Queue(name="jobs"))
    worker = ServicePlace("shop", "prod", "worker", WORKER, alone)
    widgets = body(EnvironmentPlace("shop", "prod", (worker,)))["widgets"]
    [queue] = [w for w in widgets if w["properties"].get("title") == "worker: queue"]
    assert len(queue["properties"]["metrics"]) == 2
