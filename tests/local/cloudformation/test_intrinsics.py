"""Functions and conditions of templates."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.local.cloudformation.intrinsics import NO_VALUE, Scope, Unknown, references
from ops.local.cloudformation.template import TemplateError

UNKNOWN = Unknown()

TEMPLATE: dict[str, Any] = {
    "Parameters": {"App": {"Type": "String"}, "Subnets": {"Type": "CommaDelimitedList"}},
    "Mappings": {"Sizes": {"prod": {"Cpu": "512"}}},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "App"}, "amply"]},
        "IsTest": {"Fn::Not": [{"Condition": "IsProd"}]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsTest"}]},
        "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsTest"}]},
        "IsTrue": {"Fn::Equals": [True, "true"]},
        "Wrong": {"Ref": "App"},
    },
    "Resources": {},
}
ATTRIBUTES = {("Queue", "Arn"): "arn:queue", ("Nested", "Outputs.Url"): "url"}


def attribute(name: str, wanted: str) -> object:
    return UNKNOWN if name == "New" else ATTRIBUTES[name, wanted]


def reference(name: str) -> object:
    return UNKNOWN if name == "New" else f"{name}-1"


@pytest.fixture
def scope() -> Scope:
    return Scope(
        template=TEMPLATE,
        parameters={"App": "amply", "Subnets": "a, b"},
        pseudo={"AWS::Region": "eu-central-1", "AWS::AccountId": "123456789012"},
        reference=reference,
        attribute=attribute,
        import_value=lambda name: f"imported {name}",
    )


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "App"}, "amply"),
        ({"Ref": "Subnets"}, ["a", "b"]),
        ({"Ref": "AWS::Region"}, "eu-central-1"),
        ({"Ref": "Queue"}, "Queue-1"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:queue"),
        ({"Fn::GetAtt": "Nested.Outputs.Url"}, "url"),
        ({"Fn::Sub": "${App}/${AWS::Region}/${Queue}/${Queue.Arn}"},
         "amply/eu-central-1/Queue-1/arn:queue"),
        ({"Fn::Sub": ["${App}-${Local}", {"Local": {"Ref": "Queue"}}]}, "amply-Queue-1"),
        ({"Fn::Sub": ["${App}", {"App": "shadowed"}]}, "shadowed"),
        ({"Fn::Sub": "${!Literal} ${!App}"}, "${Literal} ${App}"),
        ({"Fn::Join": ["-", ["a", {"Ref": "App"}, 1, True]]}, "a-amply-1-true"),
        ({"Fn::Join": [",", {"Ref": "Subnets"}]}, "a,b"),
        ({"Fn::Select": [1, {"Ref": "Subnets"}]}, "b"),
        ({"Fn::Select": ["0", ["x", "y"]]}, "x"),
        ({"Fn::Split": [",", "x,y"]}, ["x", "y"]),
        ({"Fn::FindInMap": ["Sizes", "prod", "Cpu"]}, "512"),
        ({"Fn::Base64": {"Ref": "App"}}, "YW1wbHk="),
        ({"Fn::GetAZs": ""}, ["eu-central-1a", "eu-central-1b", "eu-central-1c"]),
        ({"Fn::GetAZs": {"Ref": "AWS::Region"}}, [f"eu-central-1{zone}" for zone in "abc"]),
        ({"Fn::ImportValue": {"Fn::Sub": "${App}-arn"}}, "imported amply-arn"),
        ({"Fn::ToJsonString": {"a": [{"Ref": "App"}]}}, '{"a":["amply"]}'),
        ({"Fn::If": ["IsProd", {"Ref": "App"}, {"Ref": "Missing"}]}, "amply"),
        ({"Fn::If": ["IsTest", {"Ref": "Missing"}, [1]]}, [1]),
    ],
)  # fmt: skip
def test_each_function(scope: Scope, value: object, resolved: object) -> None:
    assert scope.resolve(value) == resolved
    assert scope.resolve({"deep": [{"in": value}]}) == {"deep": [{"in": resolved}]}


def test_no_value_leaves_out_the_property_or_item(scope: Scope) -> None:
    nothing = {"Ref": "AWS::NoValue"}
    maybe = {"Fn::If": ["IsTest", "x", nothing]}
    assert scope.resolve({"a": nothing, "b": maybe, "c": 1}) == {"c": 1}
    assert scope.resolve([nothing, 1, maybe]) == [1]
    assert scope.resolve({"Fn::Join": ["-", ["a", maybe, "b"]]}) == "a-b"
    assert scope.resolve(maybe) is NO_VALUE


@pytest.mark.parametrize(
    ("condition", "holds"),
    [("IsProd", True), ("IsTest", False), ("Both", False), ("Either", True), ("IsTrue", True)],
)
def test_conditions(scope: Scope, condition: str, *, holds: bool) -> None:
    assert scope.condition(condition) is holds
    assert scope.active({"Condition": condition}) is holds


def test_what_has_no_condition_is_active(scope: Scope) -> None:
    assert scope.active({})


def test_a_condition_key_of_a_policy_is_no_function(scope: Scope) -> None:
    statement = {"Condition": {"StringEquals": {"aws:ResourceTag/app": {"Ref": "App"}}}}
    assert scope.resolve(statement) == {
        "Condition": {"StringEquals": {"aws:ResourceTag/app": "amply"}}
    }


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"Fn::If": ["Missing", 1, 2]}, "Unresolved condition dependency Missing"),
        ({"Fn::If": ["Wrong", 1, 2]}, "Ref is not a condition function"),
        ({"Fn::Select": [2, ["a"]]}, "cannot select nonexistent value"),
        ({"Fn::FindInMap": ["Sizes", "test", "Cpu"]}, "Unable to get mapping for Sizes::test::Cpu"),
        ({"Fn::Join": "text"}, "Fn::Join can't be called with 'text'"),
        ({"Fn::Select": ["first", ["a"]]}, "Fn::Select can't be called with"),
        ({"Fn::Sub": 3}, "Fn::Sub can't be called with 3"),
    ],
)
def test_a_wrong_call_is_an_error_of_the_template(scope: Scope, value: object, reason: str) -> None:
    with pytest.raises(TemplateError, match=reason):
        scope.resolve(value)


def test_unknown_equals_nothing_however_it_is_wrapped(scope: Scope) -> None:
    new = {"Ref": "New"}
    for value in (
        new,
        {"Fn::Sub": "${New}-x"},
        {"Fn::Join": ["-", ["a", new]]},
        {"Fn::Join": ["-", {"Fn::GetAtt": ["New", "List"]}]},
        {"Fn::Select": [0, {"Fn::Split": [",", new]}]},
        {"Fn::Select": [0, {"Fn::GetAtt": ["New", "List"]}]},
        {"Fn::ToJsonString": {"a": new}},
    ):
        resolved = scope.resolve(value)
        assert resolved not in (None, "", "New-1", "New-1-x", "a-New-1", '{"a":"New-1"}')
    assert scope.resolve(new) != scope.resolve(new)


@given(st.text(st.characters(exclude_characters="$", codec="utf-8"), max_size=30))
def test_sub_leaves_text_without_variables_alone(text: str) -> None:
    empty = Scope({}, {}, {}, reference, attribute, str)
    assert empty.resolve({"Fn::Sub": text}) == text
    assert base64.b64decode(empty.resolve({"Fn::Base64": text})).decode() == text


@given(st.lists(st.text(st.characters(exclude_characters=","), max_size=9), min_size=1))
def test_split_undoes_join(parts: list[str]) -> None:
    empty = Scope({}, {}, {}, reference, attribute, str)
    assert empty.resolve({"Fn::Split": [",", {"Fn::Join": [",", parts]}]}) == parts


def test_references_are_what_a_value_needs() -> None:
    value = {
        "a": {"Ref": "A"},
        "b": [{"Fn::GetAtt": ["B", "Arn"]}, {"Fn::GetAtt": "C.Arn"}],
        "c": {"Fn::Sub": ["${D} ${E.Arn} ${!F} ${Local}", {"Local": {"Ref": "G"}}]},
        "d": {"Fn::If": ["Condition", {"Ref": "H"}, {"Ref": "AWS::NoValue"}]},
    }
    assert list(references(value)) == ["A", "B", "C", "D", "E", "G", "H", "AWS::NoValue"]
