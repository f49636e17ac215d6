"""The constraints of service models, and the values that they refuse."""

import re
import warnings
from typing import Any

import pytest
from botocore.session import Session

from ops.aws.access import Access
from ops.aws.constraints import matcher, violations
from ops.local.gaps.requests.parameters import SERVICES
from ops.plan.permissions import GROUPS, accesses

SESSION = Session()


def every_access() -> set[Access]:
    return {access for group in GROUPS for access in accesses(group)}


def inner_shapes(shape: Any, seen: dict[str, Any]) -> None:  # noqa: ANN401  # botocore's
    """Collect the shapes that a shape is made of."""
    if shape is None or shape.name in seen:
        return
    seen[shape.name] = shape
    inner = {
        "structure": lambda: list(shape.members.values()),
        "list": lambda: [shape.member],
        "map": lambda: [shape.key, shape.value],
    }
    for each in inner.get(shape.type_name, list)():
        inner_shapes(each, seen)


def refused(service: str, operation: str, **parameters: object) -> list[str]:
    shape = SESSION.get_service_model(service).operation_model(operation).input_shape
    return [str(each) for each in violations(shape, parameters)]


ALARM: dict[str, Any] = {
    "AlarmName": "a",
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({}, ""),
        (
            {"AlarmName": "a" * 256},
            "at 'AlarmName' failed to satisfy constraint: Member must have ",
        ),
        ({"AlarmName": ""}, "length greater than or equal to 1"),
        ({"EvaluationPeriods": 0}, "Member must have value greater than or equal to 1"),
        ({"Namespace": ":AWS"}, "Member must satisfy regular expression pattern: [^:].*"),
        ({"ComparisonOperator": "=="}, "Member must satisfy enum value set: [GreaterThanOr"),
        ({"Dimensions": [{"Name": "n", "Value": "v"}] * 31}, "less than or equal to 30"),
        ({"Dimensions": [{"Name": "n" * 256, "Value": "v"}]}, "at 'Dimensions.1.Name'"),
        ({"Dimensions": [{"Name": "n"}]}, "null at 'Dimensions.1.Value'"),
        ({"EvaluationInterval": 3601}, "value less than or equal to 3600"),
    ],
)
def test_each_kind_of_constraint_is_checked(change: dict[str, Any], complaint: str) -> None:
    problems = refused("cloudwatch", "PutMetricAlarm", **ALARM)
    assert problems == []
    problems = refused("cloudwatch", "PutMetricAlarm", **{**ALARM, **change})
    assert bool(problems) is bool(complaint)
    assert complaint in "; ".join(problems)


def test_keys_and_values_of_maps_are_checked() -> None:
    problems = refused(
        "logs",
        "PutMetricFilter",
        logGroupName="g",
        filterName="f",
        filterPattern="",
        metricTransformations=[
            {
                "metricName": "m",
                "metricNamespace": "n",
                "metricValue": "1",
                "dimensions": {"k": "v" * 256},
            }
        ],
    )
    assert len(problems) == 1
    assert "at 'metricTransformations.1.dimensions.k'" in problems[0]


def test_patterns_are_matched_as_java_does() -> None:
    policy = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/a/b",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    assert refused("application-autoscaling", "PutScalingPolicy", PolicyName="out \u00e9", **policy)
    assert not refused("application-autoscaling", "PutScalingPolicy", PolicyName="a b", **policy)
    # The Basic Multilingual Plane without surrogates, and all that lies above it.
    printable = SESSION.get_service_model("application-autoscaling").shape_for("ResourceId")
    assert not list(violations(printable, "service/\U0001f600\tx"))
    assert list(violations(printable, "service/\x00"))


def test_every_pattern_of_what_ops_sends_can_be_matched() -> None:
    for access in every_access():
        model, shapes = SESSION.get_service_model(access.service), dict[str, Any]()
        for operation in (*access.reads, *access.writes):
            inner_shapes(model.operation_model(operation).input_shape, shapes)
        for name, shape in shapes.items():
            pattern = shape.metadata.get("pattern")
            assert not pattern or is_read(pattern), (access.service, name, pattern)


def is_read(pattern: str) -> bool:
    """Return whether a pattern was compiled: an unreadable one matches everything."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return isinstance(getattr(matcher(pattern), "__self__", None), re.Pattern)


def test_the_embedded_aws_checks_every_service_that_ops_uses() -> None:
    assert {access.service for access in every_access()} == SERVICES


def test_a_long_value_is_shown_in_part() -> None:
    [problem] = refused("cloudwatch", "PutMetricAlarm", **{**ALARM, "AlarmName": "a" * 5000})
    assert len(problem) < 300
    assert re.search(r"aaa…'", problem)
