"""Reading templates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.local.cloudformation.template import TemplateError, as_text, parameter_values, parse

# What a template may hold: text, numbers, lists and maps of them.
_SCALARS = st.one_of(st.booleans(), st.integers(-(2**31), 2**31), st.text(max_size=20))
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=10,
)


def property_of(yaml: str) -> Any:  # noqa: ANN401 - whatever the template says
    body = f"Resources:\n  R:\n    Type: T\n    Properties:\n      P: {yaml}\n"
    return parse(body)["Resources"]["R"]["Properties"]["P"]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref Queue", {"Ref": "Queue"}),
        ("!Condition IsProd", {"Condition": "IsProd"}),
        ("!GetAtt Queue.Arn", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!GetAtt Nested.Outputs.Url", {"Fn::GetAtt": ["Nested", "Outputs.Url"]}),
        ("!GetAtt [Queue, Arn]", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!Sub '${App}-queue'", {"Fn::Sub": "${App}-queue"}),
        ("!Join ['-', [a, !Ref B]]", {"Fn::Join": ["-", ["a", {"Ref": "B"}]]}),
        ("!If [C, !Ref A, b]", {"Fn::If": ["C", {"Ref": "A"}, "b"]}),
        (
            "!ImportValue {'Fn::Sub': '${App}-arn'}",
            {"Fn::ImportValue": {"Fn::Sub": "${App}-arn"}},
        ),
        ("!Select [0, !GetAZs '']", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
    ],
)
def test_short_forms_become_long_ones(short: str, long: object) -> None:
    assert property_of(short) == long


@pytest.mark.parametrize("date", ["2012-10-17", "2010-09-09"])
def test_dates_stay_text(date: str) -> None:
    assert property_of(date) == date


def test_other_scalars_take_their_type() -> None:
    assert [property_of(text) for text in ("30", "true", "0.5", "'30'")] == [30, True, 0.5, "30"]


@given(_VALUES)
def test_json_is_read_as_it_is(value: object) -> None:
    body = {"Resources": {"R": {"Type": "T", "Properties": {"P": value}}}}
    assert parse(json.dumps(body)) == body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("Resources: [", "Template format error"),
        ("{]", "Template format error"),
        ("", "At least one Resources member must be defined."),
        ("just text", "At least one Resources member must be defined."),
        ("Resources: {}", "At least one Resources member must be defined."),
        ("Outputs: {}", "At least one Resources member must be defined."),
        ("Resources: {R: {Properties: {}}}", r"\[/Resources/R\] Every Resources object must"),
        ("Resources: {R: text}", r"\[/Resources/R\] Every Resources object must"),
    ],
)
def test_what_is_no_template_is_refused_with_cloudformations_words(body: str, reason: str) -> None:
    with pytest.raises(TemplateError, match=reason):
        parse(body)


PARAMETERS: dict[str, Any] = {
    "Parameters": {"App": {"Type": "String"}, "Public": {"Type": "String", "Default": False}}
}


def test_parameters_are_as_given_or_default_and_always_text() -> None:
    assert parameter_values(PARAMETERS, {"App": "amply"}) == {"App": "amply", "Public": "false"}
    assert parameter_values({}, {}) == {}


def test_a_parameter_without_a_value_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"Parameters: \[App\] must have values"):
        parameter_values(PARAMETERS, {})


def test_a_parameter_that_the_template_has_not_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"Parameters: \[Ap\] do not exist in the template"):
        parameter_values(PARAMETERS, {"App": "amply", "Ap": "typo"})


def test_truth_is_written_in_lower_case() -> None:
    assert [as_text(value) for value in (True, False, 2, "Yes")] == ["true", "false", "2", "Yes"]
