"""The order in which resources are created, and properties in the form of API parameters."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.local.cloudformation.intrinsics import Scope
from ops.local.cloudformation.resources.shapes import ShapeError, to_parameters
from ops.local.cloudformation.scope import in_order
from ops.local.cloudformation.template import TemplateError


def ordered(resources: dict[str, Any], conditions: dict[str, Any] | None = None) -> list[str]:
    template = {"Resources": resources, "Conditions": conditions or {}}
    return in_order(template, Scope(template, {}, {}, str, "{}.{}".format, str))


def resource(*needs: str, **more: object) -> dict[str, Any]:
    return {"Type": "T", "Properties": {"needs": [{"Ref": name} for name in needs]}, **more}


@pytest.mark.parametrize(
    "first",
    [
        resource("B"),
        {"Type": "T", "Properties": {"x": {"Fn::GetAtt": ["B", "Arn"]}}},
        {"Type": "T", "Properties": {"x": {"Fn::Sub": "a ${B.Arn}"}}},
        {"Type": "T", "DependsOn": "B"},
        {"Type": "T", "DependsOn": ["B"]},
    ],
)
def test_a_resource_comes_after_what_it_needs(first: dict[str, Any]) -> None:
    assert ordered({"A": first, "B": resource()}) == ["B", "A"]


@given(st.data())
def test_whatever_the_order_of_declaration_needs_come_first(data: st.DataObject) -> None:
    names = [f"R{number}" for number in range(8)]
    needs = {
        name: data.draw(st.lists(st.sampled_from(names[:at]), max_size=3)) if at else []
        for at, name in enumerate(names)
    }
    shuffled = data.draw(st.permutations(names))
    order = ordered({name: resource(*needs[name]) for name in shuffled})
    assert sorted(order) == names
    assert all(order.index(need) < order.index(name) for name in names for need in needs[name])


def test_a_resource_whose_condition_fails_is_left_out() -> None:
    never = {"Never": {"Fn::Equals": ["a", "b"]}}
    resources = {"A": resource(DependsOn="B"), "B": resource(Condition="Never")}
    assert ordered(resources, never) == ["A"]


def test_a_circle_is_named_without_what_only_leads_to_it() -> None:
    circle = {"Start": resource("A"), "A": resource("B"), "B": resource("C"), "C": resource("A")}
    with pytest.raises(TemplateError, match=r"Circular dependency .*: \[A, B, C\]"):
        ordered(circle)


@pytest.fixture(scope="module")
def ecs() -> Any:  # noqa: ANN401 - botocore's model is not typed
    client = boto3.Session("k", "s", region_name="eu-central-1").client("ecs")
    return client.meta.service_model


def test_properties_take_the_apis_names_and_types(ecs: Any) -> None:  # noqa: ANN401
    properties = {
        "Family": "web",
        "Cpu": 512,
        "ContainerDefinitions": [
            {
                "Name": "web",
                "Memory": "512",
                "Essential": "true",
                "PortMappings": [{"ContainerPort": "8000"}],
                "Environment": [{"Name": "DEBUG", "Value": True}],
                "DockerLabels": {"KeepMyCase": "yes"},
                "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-Region": "x"}},
            }
        ],
        "OfNoApi": "left out",
    }
    shape = ecs.operation_model("RegisterTaskDefinition").input_shape
    assert to_parameters(properties, shape) == {
        "family": "web",
        "cpu": "512",
        "containerDefinitions": [
            {
                "name": "web",
                "memory": 512,
                "essential": True,
                "portMappings": [{"containerPort": 8000}],
                "environment": [{"name": "DEBUG", "value": "true"}],
                "dockerLabels": {"KeepMyCase": "yes"},
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-Region": "x"}},
            }
        ],
    }


@pytest.mark.parametrize(
    ("volumes", "message"),
    [
        ([{"Host": "/var/run/docker.sock"}], "Value of property Host must be an object"),
        ([{"DockerVolumeConfiguration": {"Labels": "a"}}], "property Labels must be an object"),
        (["docker"], "Value of property Volumes must be an object"),
        ("docker", "Value of property Volumes must be of type List"),
    ],
)
def test_a_text_in_place_of_an_object_is_refused_as_by_cloudformation(
    volumes: object, message: str
) -> None:
    ecs = boto3.client("ecs", region_name="eu-central-1").meta.service_model
    shape = ecs.operation_model("RegisterTaskDefinition").input_shape
    with pytest.raises(ShapeError, match=message):
        to_parameters({"Volumes": volumes}, shape)
