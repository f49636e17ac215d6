"""The widgets of a dashboard, and the differences that a plan shows."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.base.errors import OpsError
from ops.copilot.place import EnvironmentPlace, ServicePlace, ServiceStack
from ops.copilot.workload import Queue, TaskRange, TaskSize, Workload
from ops.kinds.alarms.settings import Settings as Alarms
from ops.kinds.dashboards.body import as_body, as_properties
from ops.kinds.dashboards.desired import desired
from ops.kinds.dashboards.graphs import running
from ops.kinds.dashboards.settings import Settings
from ops.kinds.log_metrics.settings import Settings as LogMetrics
from ops.kinds.scaling.settings import Settings as Scaling
from ops.plan.model import differences

WEB = ServiceStack(
    "shop-prod-web",
    "shop-prod",
    "shop-web",
    "targetgroup/web/1",
    "app/public/2",
    "/copilot/shop-prod-web",
    account="123456789012",
    region="eu-central-1",
)
WORKER = ServiceStack(
    "shop-prod-worker", "shop-prod", "shop-worker", account="123456789012", region="eu-central-1"
)
CONSUMER = Workload(
    tasks=TaskRange(2, 20), queue=Queue(name="jobs", dead_letters="dead"), size=TaskSize(0.5, 1)
)
ALARMS = Alarms.model_validate(
    {
        "define": {
            "hot": {
                "summary": "It is hot.",
                "namespace": "AWS/ECS",
                "metric": "CPUUtilization",
                "threshold": 80,
                "missing_data": "ignore",
            }
        }
    }
)
LOG_METRICS = LogMetrics.model_validate(
    {
        "metric_filters": {
            "errors": {"pattern": "ERROR"},
            "slow": {"pattern": "{ $.slow IS TRUE }", "dimensions": {"Task": "$.task"}},
        }
    }
)
PLACE = EnvironmentPlace(
    "shop",
    "prod",
    (
        ServicePlace(
            "shop", "prod", "web", WEB, declared={"alarms": ALARMS, "log_metrics": LOG_METRICS}
        ),
        ServicePlace("shop", "prod", "worker", WORKER, CONSUMER),
    ),
)


def body(place: EnvironmentPlace = PLACE, **settings: Any) -> dict[str, Any]:  # noqa: ANN401
    [resource] = desired(Settings.model_validate(settings), place)
    assert resource.name == f"{place.application}-{place.environment}"
    return as_body(resource.properties)


def graph(title: str, **settings: Any) -> dict[str, Any]:  # noqa: ANN401
    found: dict[str, Any] = {
        widget["properties"].get("title"): widget["properties"]
        for widget in body(**settings)["widgets"]
    }
    return dict(found[title])


def titles(place: EnvironmentPlace = PLACE, **settings: Any) -> list[str]:  # noqa: ANN401
    widgets = body(place, **settings)["widgets"]
    return [each["properties"].get("title") for each in widgets if each["type"] == "metric"]


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


def test_alarms_are_shown_by_the_names_that_they_are_declared_to_have() -> None:
    [widget] = [each for each in body()["widgets"] if each["type"] == "alarm"]
    assert widget["properties"]["alarms"] == [
        "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:shop-prod-web-hot"
    ]


def test_metrics_from_logs_are_drawn_and_those_with_dimensions_searched() -> None:
    errors, slow = graph("web: from its logs")["metrics"]
    assert errors[:2] == ["shop/prod/web", "errors"]
    wanted = """SEARCH('{"shop/prod/web","Task"} MetricName="slow"', 'Sum')"""
    assert slow[0]["expression"] == wanted


def test_sums_are_not_said_to_be_of_a_minute_where_the_period_follows_the_range() -> None:
    assert body()["periodOverride"] == "auto"
    assert graph("web: from its logs")["yAxis"]["left"]["label"] == "in each period"


def test_prices_make_graphs_of_what_tasks_cost() -> None:
    prices = {"vcpu_hour": 0.04, "gb_hour": 0.005, "currency": "EUR"}
    cost = graph("cost of running tasks", prices=prices)
    assert cost["metrics"][-1][0] == {
        "id": "cost1",
        "label": "worker",
        "expression": "running1 * 0.025",
    }
    assert cost["yAxis"]["left"]["label"] == "EUR an hour"
    shown = graph("cost of 30 days like this", prices=prices)
    *_, month = shown["metrics"]
    assert month[0]["expression"] == "(FILL(cost1, 0)) * 720"
    assert shown["setPeriodToTimeRange"] is True, "else it is the latest minute's cost"


def test_more_widgets_than_cloudwatch_takes_are_refused_before_it_is_asked() -> None:
    many = EnvironmentPlace("shop", "prod", tuple(PLACE.services[1:] * 90))
    with pytest.raises(OpsError, match=r"of 90 services would have 541 widgets.* allows 500"):
        body(many)
    assert len(body(EnvironmentPlace("shop", "prod", many.services[:83]))["widgets"]) == 499


def test_an_environment_without_services_has_no_dashboard() -> None:
    assert desired(Settings(), EnvironmentPlace("shop", "prod", ())) == []


def test_every_graph_names_its_region_and_its_expressions_know_what_they_name() -> None:
    for widget in body(prices={"vcpu_hour": 1, "gb_hour": 1})["widgets"]:
        if widget["type"] != "metric":
            continue
        assert widget["properties"]["region"] == "eu-central-1"
        options = [metric[-1] for metric in widget["properties"]["metrics"]]
        ids = [each["id"] for each in options if "id" in each]
        assert len(ids) == len(set(ids))
        assert all(each[0].islower() and each.isalnum() for each in ids)
        for each in options:
            words = each.get("expression", "").replace("(", " ").replace(")", " ").split()
            unknown = {word.strip(",") for word in words if word.isalnum() and word[0].islower()}
            assert unknown <= set(ids), each


def test_no_widget_covers_another_and_none_leaves_the_grid() -> None:
    taken = set[tuple[int, int]]()
    for widget in body(prices={"vcpu_hour": 1, "gb_hour": 1})["widgets"]:
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_what_aws_adds_and_shortens_is_no_difference() -> None:
    [resource] = desired(Settings(), PLACE)
    kept = json.loads(json.dumps(as_body(resource.properties)))
    for widget in reversed(kept["widgets"]):
        widget["properties"].setdefault("stacked", False)
        if "yAxis" in widget["properties"]:
            widget["properties"]["yAxis"]["right"] = {"showUnits": True}
    [latency] = [w for w in kept["widgets"] if w["properties"].get("title") == "web: latency"]
    first, second, third = latency["properties"]["metrics"]
    latency["properties"]["metrics"] = [
        first,
        [".", ".", ".", ".", ".", ".", second[-1]],
        ["...", third[-1]],
    ]
    kept["widgets"].reverse()
    assert not differences(resource.properties, as_properties(kept))


def test_a_widget_more_or_less_is_a_difference_that_names_it() -> None:
    [resource] = desired(Settings(), PLACE)
    kept = as_body(resource.properties)
    kept["widgets"].append({"type": "text", "properties": {"markdown": "# Mine\nhello"}})
    [change] = differences(resource.properties, as_properties(kept))
    assert change.path == "titles"
    assert "Mine" in str(change.old)
    kept["widgets"] = [
        each for each in kept["widgets"] if each["properties"].get("title") != "web: latency"
    ]
    paths = {change.path for change in differences(resource.properties, as_properties(kept))}
    assert "widgets.web: latency.metrics" in paths


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=2, max_size=6)


@given(st.lists(WORDS, min_size=1, max_size=4), st.data())
def test_shorthand_is_written_out_as_what_it_stands_for(
    metrics: list[list[str]], data: st.DataObject
) -> None:
    short = [list(metrics[0])]
    for before, metric in itertools.pairwise(metrics):
        shortened = [
            "." if at < len(before) and before[at] == each and data.draw(st.booleans()) else each
            for at, each in enumerate(metric)
        ]
        same = len(metric) == len(before) and metric[:-1] == before[:-1]
        short.append(["...", metric[-1]] if same and data.draw(st.booleans()) else shortened)
    widgets = [{"type": "metric", "properties": {"title": "t", "metrics": short}}]
    written: Any = as_properties({"widgets": widgets})
    assert written["widgets"]["t"]["metrics"] == metrics


def test_the_alarms_of_scaling_policies_are_shown_by_themselves() -> None:
    scaling = Scaling.model_validate({"load_per_task": {"seconds_per_task": 1}})
    stack = replace(WORKER, scalable_target="service/shop-prod/shop-worker")
    worker = ServicePlace("shop", "prod", "worker", stack, CONSUMER, declared={"scaling": scaling})
    [resource] = desired(Settings(), EnvironmentPlace("shop", "prod", (worker,)))
    widgets = as_body(resource.properties)["widgets"]
    [shown] = [each["properties"] for each in widgets if each["type"] == "alarm"]
    assert shown["title"].startswith("scaling")
    assert any(arn.endswith(":alarm:ops-shop-prod-worker-load-out") for arn in shown["alarms"])
