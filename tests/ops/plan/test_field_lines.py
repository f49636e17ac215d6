"""Changes as lines: sets with + and -, JSON and text over several lines, dashboards summarised."""

import json
from typing import Any

import pytest

from ops.kinds.dashboards.body import as_properties
from ops.plan.model import Json, Members, Properties, differences
from ops.plan.output.field_lines import field_lines
from ops.plan.output.widgets import dashboard_lines

LONGEST = 160
TOPIC = "arn:aws:sns:eu-central-1:123456789012:shop-prod"


def lines_of(new: Properties, old: Properties) -> list[str]:
    return list(field_lines(differences(new, old), is_new=not old))


@pytest.mark.parametrize(
    ("new", "old", "lines"),
    [
        (
            {"Threshold": 90.0, "Period": 60},
            {"Threshold": 80.0},
            ["Threshold  80 → 90", "Period     (not set) → 60"],
        ),
        ({"at": [0, 6, 6, 6]}, {"at": [0, 0, 6, 6]}, ["at  [0, 0, 6, 6] → [0, 6, 6, 6]"]),
        ({"names": ["a", "c"]}, {"names": ["b", "a"]}, ["names", "  - b", "  + c"]),
        ({"names": ["a", "b"]}, {"names": ["b", "a"]}, ["names", "  the same 2 in another order"]),
        ({"names": ["a"]}, {"other": 1}, ["names", "  + a"]),
        (
            {"Dimensions": [{"Name": "Q", "Value": "new"}]},
            {"Dimensions": [{"Name": "Q", "Value": "old"}]},
            ["Dimensions", "  - Q=old", "  + Q=new"],
        ),
        (
            {"Pattern": '{"source": ["a"], "detail": {"x": ["1"]}}'},
            {"Pattern": '{"source": ["a"], "detail": {"x": ["1", "2"]}}'},
            ["Pattern.detail.x", "  - 2"],
        ),
        (
            {"query": "fields @a\n| limit 5"},
            {"query": "fields @a\n| limit 9"},
            ["query", "  - | limit 9", "  + | limit 5"],
        ),
    ],
)
def test_a_change_reads_as_what_was_added_and_removed(
    new: Properties, old: Properties, lines: list[str]
) -> None:
    assert lines_of(new, old) == lines


def test_members_are_a_set_whatever_else_is_in_it() -> None:
    wanted: Properties = {"AlarmActions": Members({f"{TOPIC}-page": True, f"{TOPIC}-warn": None})}
    live: Properties = {"AlarmActions": {f"{TOPIC}-warn": True, "arn:by-hand": True}}
    assert lines_of(wanted, live) == [
        "AlarmActions",
        f"  - {TOPIC}-warn",
        f"  + {TOPIC}-page",
    ]
    assert lines_of(wanted, {"AlarmActions": {f"{TOPIC}-page": True, "arn:by-hand": True}}) == []
    assert lines_of({"AlarmActions": Members({TOPIC: None})}, {"Other": 1}) == []


@pytest.mark.parametrize("is_text", [True, False])
def test_json_is_never_one_long_line(*, is_text: bool) -> None:
    rules: list[Json] = [
        {"rulePriority": at, "selection": {"tagStatus": "any", "countNumber": at * 100}, "a": "b"}
        for at in range(60)
    ]
    other: Json = [*rules[1:], {"rulePriority": 99, "description": "x" * 100}]
    values = [json.dumps(each) if is_text else each for each in (rules, other)]
    for old in ({"policy": values[0]}, {}):
        lines = lines_of({"policy": values[1]}, old)
        assert max(map(len, lines)) <= LONGEST
    assert (
        sum(line.startswith("  + ") for line in lines_of({"p": values[1]}, {"p": values[0]})) == 1
    )


def widget(title: str, y: int, **properties: Any) -> dict[str, Any]:  # noqa: ANN401  # AWS's own
    place = {"x": 0, "y": y, "width": 6, "height": 6}
    return {"type": "metric", **place, "properties": {"title": title, **properties}}


def test_a_dashboard_says_how_many_widgets_and_what_changed() -> None:
    arns = [f"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:shop-{at}" for at in range(31)]
    old = [
        widget("alarms", 0, alarms=arns),
        widget("gone", 6),
        *(widget(str(n), n) for n in range(20)),
    ]
    new = [
        widget("alarms", 0, alarms=[*arns[1:], f"{arns[0]}-new"]),
        widget("queue", 6),
        widget("costs", 9),
        *(widget(str(n), n + 3) for n in range(20)),
    ]
    fields = differences(as_properties({"widgets": new}), as_properties({"widgets": old}))
    assert list(dashboard_lines(fields, is_new=False)) == [
        "widgets: +2 -1, 1 changed, 20 moved",
        "  + costs",
        "  + queue",
        "  - gone",
        "  ~ alarms",
        "      alarms",
        f"        - {arns[0]}",
        f"        + {arns[0]}-new",
    ]
    made = differences(as_properties({"start": "-PT3H", "widgets": new}), {})
    assert list(dashboard_lines(made, is_new=True))[:3] == [
        "start  -PT3H",
        "widgets: +23",
        "  + 0",
    ]
