"""Comparison is pure, so hypothesis checks its laws."""

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.base.errors import OpsError
from ops.plan.model import (
    Change,
    Conflict,
    Create,
    Delete,
    FieldChange,
    Json,
    Live,
    Members,
    Orphan,
    Plan,
    Properties,
    Resource,
    Unchanged,
    Update,
    differences,
    make_plan,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(st.text(min_size=1, max_size=3), VALUES, max_size=4)


def plan_of(
    wanted: dict[str, Properties],
    live: dict[str, Properties],
    ours: Collection[str] = (),
    *,
    prune: bool = False,
) -> Plan:
    return make_plan(
        "things",
        [Resource(name, properties, {}) for name, properties in wanted.items()],
        [Live(name, properties, {}) for name, properties in live.items()],
        lambda names: [name for name in names if name in ours],
        prune=prune,
    )


@given(PROPERTIES)
def test_nothing_differs_from_itself(properties: Properties) -> None:
    assert differences(properties, properties) == ()


@given(PROPERTIES, PROPERTIES)
def test_what_is_not_declared_is_no_difference(wanted: Properties, other: Properties) -> None:
    assert differences(wanted, {**other, **wanted}) == ()


@given(PROPERTIES, PROPERTIES)
def test_an_update_ends_the_differences_and_keeps_the_undeclared(
    wanted: Properties, live: Properties
) -> None:
    update = Update(Resource("one", wanted, {}), Live("one", live, {}))
    assert differences(wanted, update.result) == ()
    for name in live.keys() - wanted.keys():
        assert update.result.get(name) == live[name]


@given(PROPERTIES)
def test_a_creation_ends_the_differences(wanted: Properties) -> None:
    assert differences(wanted, Create(Resource("one", wanted, {})).result) == ()


@given(st.dictionaries(st.text(min_size=1, max_size=3), PROPERTIES, max_size=4))
def test_what_is_as_declared_needs_no_owner(things: dict[str, Properties]) -> None:
    plan = plan_of(things, things, ours=())
    assert all(isinstance(change, Unchanged) for change in plan.changes)


@pytest.mark.parametrize(("prune", "fate"), [(True, Delete), (False, Orphan)])
def test_each_fate(*, prune: bool, fate: type[Change]) -> None:
    plan = plan_of(
        wanted={"new": {"a": 1}, "same": {"a": 1}, "drifted": {"a": 1}, "foreign": {"a": 1}},
        live={
            "same": {"a": 1, "b": 2},
            "drifted": {"a": 2},
            "foreign": {"a": 2},
            "old": {},
            "other": {},
        },
        ours=["drifted", "old"],
        prune=prune,
    )
    assert {change.name: type(change) for change in plan.changes} == {
        "new": Create,
        "same": Unchanged,
        "drifted": Update,
        "foreign": Conflict,
        "old": fate,
    }
    assert {change.name for change in plan.writes} == {
        "new",
        "drifted",
        *(["old"] if prune else []),
    }
    assert {live.name for live in plan.owned} == {"same", "drifted", "old"}


def test_differences_name_the_field_and_both_values() -> None:
    wanted: Properties = {"a": {"b": 1, "c": [1, 2]}, "d": None}
    live: Properties = {"a": {"b": 1, "c": [2, 1]}, "d": "set"}
    assert differences(wanted, live) == (
        FieldChange(("a", "c"), [2, 1], [1, 2]),
        FieldChange(("d",), "set", None),
    )


@pytest.mark.parametrize(
    ("declared", "change"),
    [
        ({"ours": True, "theirs": True}, None),
        ({"ours": True, "gone": None}, None),
        ({"ours": None}, FieldChange(("a",), ["ours", "theirs"], ["theirs"])),
        ({"new": True}, FieldChange(("a",), ["ours", "theirs"], ["new", "ours", "theirs"])),
    ],
)
def test_members_of_others_are_neither_compared_nor_changed(
    declared: dict[str, Json], change: FieldChange | None
) -> None:
    wanted, live = {"a": Members(declared)}, {"a": {"ours": True, "theirs": True}}
    assert differences(wanted, live) == (() if change is None else (change,))
    after = Update(Resource("one", wanted, {}), Live("one", live, {})).result
    assert differences(wanted, after) == ()
    assert {"theirs": True}.items() <= dict(after["a"]).items()  # type: ignore[arg-type]


def test_a_resource_is_in_the_first_stage_and_keeps_its_secret() -> None:
    resource = Resource("one", {}, {}, secret="hush")
    assert resource.stage == Live("one", {}, {}).stage == 0
    assert "hush" not in repr(resource)
    assert Resource("one", {}, {}, declared_at=("alarms",)) == Resource("one", {}, {})


def test_a_plan_deletes_nothing_unless_it_prunes() -> None:
    plan = make_plan("things", [], [Live("old", {}, {})], lambda names: names)
    assert [type(change) for change in plan.changes] == [Orphan]


def test_ownership_is_asked_once_and_only_where_it_matters() -> None:
    asked: list[list[str]] = []

    def owned(names: Collection[str]) -> Collection[str]:
        asked.append(sorted(names))
        return names

    wanted = [Resource(name, {"a": 1}, {}) for name in ("same", "drifted", "new")]
    live = [Live("same", {"a": 1}, {}), Live("drifted", {"a": 2}, {}), Live("old", {}, {})]
    make_plan("things", wanted, live, owned)
    assert asked == [["drifted", "old"]]


def test_one_name_declared_twice_is_an_error() -> None:
    twice = [Resource("one", {}, {}), Resource("one", {}, {})]
    with pytest.raises(OpsError, match="Two declarations of things have the same name, `one`"):
        make_plan("things", twice, [], lambda names: names)
