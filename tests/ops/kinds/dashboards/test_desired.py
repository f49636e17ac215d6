"""The desired dashboard: its widgets, their places and their number."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from ops.base.errors import OpsError
from ops.copilot.place import EnvironmentPlace, ServicePlace
from ops.kinds.alarms.settings import Settings as Alarms
from ops.kinds.dashboards.body import as_body
from ops.kinds.dashboards.desired import desired
from ops.kinds.dashboards.settings import Settings
from ops.kinds.scaling.settings import Settings as Scaling
from tests.ops.kinds.dashboards.shop import (
    ALARMS,
    CONSUMER,
    PLACE,
    WORKER,
    body,
    graph,
    places,
)


def test_alarms_are_shown_by_the_names_that_they_are_declared_to_have() -> None:
    [widget] = [each for each in body()["widgets"] if each["type"] == "alarm"]
    assert widget["properties"]["alarms"] == [
        "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:shop-prod-web-hot"
    ]


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
    *hidden, month = shown["metrics"]
    assert hidden == [
        *cost["metrics"][:-1],
        [{**cost["metrics"][-1][0], "visible": False}],
    ]
    assert cost["stacked"] is True
    assert month[0]["expression"] == "(FILL(cost1, 0)) * 720"
    assert shown["setPeriodToTimeRange"] is True, "else it is the latest minute's cost"


def test_more_widgets_than_cloudwatch_takes_are_refused_before_it_is_asked() -> None:
    many = EnvironmentPlace("shop", "prod", tuple(PLACE.services[1:] * 90))
    with pytest.raises(OpsError, match=r"of 90 services would have 541 widgets.* allows 500"):
        body(many)
    assert len(body(EnvironmentPlace("shop", "prod", many.services[:83]))["widgets"]) == 499


def test_the_grid_is_filled_from_left_to_right_and_downwards() -> None:
    assert places() == [
        ("text", 0, 0, 24, 2),
        ("alarm", 0, 2, 24, 3),
        ("text", 0, 5, 24, 1),
        *(("metric", x, 6, 6, 6) for x in (0, 6, 12, 18)),
        *(("metric", x, 12, 6, 6) for x in (0, 6, 12)),
        ("text", 0, 18, 24, 1),
        *(("metric", x, 19, 6, 6) for x in (0, 6, 12, 18)),
        ("metric", 0, 25, 6, 6),
    ]


def test_costs_of_unknown_tasks_take_no_place() -> None:
    without = EnvironmentPlace("shop", "prod", PLACE.services[:1])
    assert places(without, prices={"vcpu_hour": 1, "gb_hour": 1}) == places(without)


def test_a_widget_shows_a_hundred_alarms_four_in_a_row() -> None:
    alarms = Alarms(define={f"a{n:03}": ALARMS.define["hot"] for n in range(101)})
    web = replace(PLACE.services[0], declared={"alarms": alarms})
    first, second = (
        widget
        for widget in body(EnvironmentPlace("shop", "prod", (web,)))["widgets"]
        if widget["type"] == "alarm"
    )
    assert (len(first["properties"]["alarms"]), first["height"]) == (100, 27)
    assert (len(second["properties"]["alarms"]), second["height"]) == (1, 3)


def test_a_price_is_more_than_nothing() -> None:
    for free in ({"vcpu_hour": 0, "gb_hour": 1}, {"vcpu_hour": 1, "gb_hour": 0}):
        with pytest.raises(ValidationError, match="greater than 0"):
            Settings.model_validate({"prices": free})


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


def test_the_alarms_of_scaling_policies_are_shown_by_themselves() -> None:
    scaling = Scaling.model_validate({"load_per_task": {"seconds_per_task": 1}})
    stack = replace(WORKER, scalable_target="service/shop-prod/shop-worker")
    worker = ServicePlace("shop", "prod", "worker", stack, CONSUMER, declared={"scaling": scaling})
    [resource] = desired(Settings(), EnvironmentPlace("shop", "prod", (worker,)))
    widgets = as_body(resource.properties)["widgets"]
    [shown] = [each["properties"] for each in widgets if each["type"] == "alarm"]
    assert shown["title"].startswith("scaling")
    assert any(arn.endswith(":alarm:ops-shop-prod-worker-load-out") for arn in shown["alarms"])
