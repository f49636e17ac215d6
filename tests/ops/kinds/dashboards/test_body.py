"""Dashboard bodies: the differences that a plan shows, and the shorthand of AWS."""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ops.kinds.dashboards.body import as_body, as_properties
from ops.kinds.dashboards.desired import desired
from ops.kinds.dashboards.settings import Settings
from ops.plan.model import differences
from tests.ops.kinds.dashboards.shop import PLACE


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


def test_dots_stand_for_names_in_the_middle() -> None:
    metrics = [["AWS/SQS", "Sent", "QueueName", "jobs"], ["Own", "...", "dead", {"stat": "Sum"}]]
    widgets = [{"type": "metric", "properties": {"title": "t", "metrics": metrics}}]
    written: Any = as_properties({"widgets": widgets})
    assert written["widgets"]["t"]["metrics"] == [
        ["AWS/SQS", "Sent", "QueueName", "jobs"],
        ["Own", "Sent", "QueueName", "dead", {"stat": "Sum"}],
    ]


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
