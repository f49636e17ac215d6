"""Request parameters that a service's model does not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

ECS = {"ServiceNamespace": "ecs", "ResourceId": "service/a/b"}
# One of each service that has sizes, patterns or enumerations in what `ops` sends: the call, its
# parameters, and the answer's code and words.
REFUSED: list[tuple[str, str, dict[str, Any], str, str]] = [
    (
        "cloudwatch",
        "describe_alarms",
        {"AlarmNamePrefix": "a" * 256},
        "ValidationError",
        "at 'AlarmNamePrefix' failed to satisfy constraint: Member must have length less than",
    ),
    (
        "events",
        "put_rule",
        {"Name": "r", "EventPattern": "{}", "Description": "d" * 513},
        "ValidationException",
        "at 'Description' failed to satisfy constraint: Member must have length less than or equal",
    ),
    (
        "logs",
        "put_metric_filter",
        {
            "logGroupName": "g",
            "filterName": "f:*",
            "filterPattern": "",
            "metricTransformations": [
                {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
            ],
        },
        "InvalidParameterException",
        "Member must satisfy regular expression pattern",
    ),
    (
        "ecr",
        "create_repository",
        {"repositoryName": "Shop"},
        "InvalidParameterException",
        "Member must satisfy regular expression pattern",
    ),
    (
        "application-autoscaling",
        "register_scalable_target",
        {**ECS, "ScalableDimension": "ecs:service:Count"},
        "ValidationException",
        "Member must satisfy enum value set",
    ),
    (
        "secretsmanager",
        "describe_secret",
        {"SecretId": "s" * 2049},
        "ValidationException",
        "less than or equal to 2048",
    ),
    (
        "ssm",
        "get_parameter",
        {"Name": "p" * 2049},
        "ValidationException",
        "at 'Name' failed to satisfy constraint",
    ),
]
NAMES = [f"{service}-{call}" for service, call, *_ in REFUSED]


def answer(client: Any, call: str, parameters: dict[str, Any]) -> dict[str, str]:  # noqa: ANN401
    with pytest.raises(ClientError) as caught:
        getattr(client, call)(**parameters)
    error: dict[str, str] = caught.value.response["Error"]  # type: ignore[assignment]
    return error


def test_moto_still_takes_a_description_that_is_too_long(
    moto: Callable[[str], Any], name: str
) -> None:
    moto("events").put_rule(Name=name, EventPattern="{}", Description="d" * 513)


@pytest.mark.parametrize(("service", "call", "parameters", "code", "words"), REFUSED, ids=NAMES)
def test_a_request_is_refused_in_the_form_of_its_service(
    embedded: Callable[[str], Any],
    service: str,
    call: str,
    parameters: dict[str, Any],
    code: str,
    words: str,
) -> None:
    error = answer(embedded(service), call, parameters)
    assert error["Code"] == code
    assert "1 validation error detected: Value" in error["Message"]
    assert words in error["Message"]


def test_every_problem_is_named(embedded: Callable[[str], Any]) -> None:
    rule = {"Name": "a b", "EventPattern": "{}", "Description": "d" * 513}
    error = answer(embedded("events"), "put_rule", rule)
    assert error["Message"].startswith("2 validation errors detected: ")
    assert "'Name'" in error["Message"]


def test_what_fits_is_taken(embedded: Callable[[str], Any], name: str) -> None:
    embedded("events").put_rule(Name=name, EventPattern="{}", Description="d" * 512)
