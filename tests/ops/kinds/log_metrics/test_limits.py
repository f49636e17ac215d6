"""Requests that CloudWatch Logs refuses are refused in the file or the plan, at their line."""

from typing import Any

import pytest
from pydantic import ValidationError

from ops.base.errors import DeclarationError
from ops.copilot.place import ServicePlace, ServiceStack
from ops.kinds.log_metrics.desired import desired
from ops.kinds.log_metrics.settings import Settings

STACK = ServiceStack("shop-prod-web", "shop-prod", "shop-web", log_group="/copilot/shop-prod-web")
PLACE = ServicePlace("shop", "prod", "web", STACK)
FIELDS = '{ $.level = "ERROR" }'


def with_filter(**fields: Any) -> Settings:  # noqa: ANN401  # as in a file
    return Settings.model_validate({"metric_filters": {"slow": {"pattern": FIELDS, **fields}}})


def with_query(name: str, **fields: Any) -> Settings:  # noqa: ANN401  # as in a file
    query = {"query": "fields @message", **fields}
    return Settings.model_validate({"queries": {name: query}})


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"pattern": "ERROR", "dimensions": {"Task": "$.task"}}, "only with a pattern of fields"),
        ({"pattern": "{ $.level = }"}, "is not a filter pattern.*ends too early"),
        ({"pattern": "not-quoted"}, "needs double quotes"),
        ({"metric": "a:b"}, "should match pattern"),
        ({"namespace": "n" * 256}, "at most 255"),
        ({"pattern": "p" * 1025}, "at most 1024"),
        ({"metric": "m" * 256}, "at most 255"),
        ({"value": "v" * 101}, "at most 100"),
        ({"value": ""}, "at least 1"),
        ({"dimensions": {"d": "v" * 256}}, "at most 255"),
        ({"dimensions": {"d": ""}}, "at least 1"),
        ({"dimensions": {f"d{n}": "$.d" for n in range(4)}}, "at most 3"),
    ],
)
def test_a_filter_that_is_refused_by_aws_is_refused(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        with_filter(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"pattern": "p" * 1024},
        {"metric": "m" * 255, "namespace": "n" * 255},
        {"value": "v" * 100},
        {"value": "2"},
        {"dimensions": {"d" * 255: "v" * 255, "e": "$.e", "f": "$.f"}},
    ],
)
def test_a_filter_may_be_as_long_as_at_aws(fields: dict[str, Any]) -> None:
    with_filter(**fields)


def test_a_log_group_has_a_hundred_filters_at_most() -> None:
    filters = {f"f{number}": {"pattern": "ERROR"} for number in range(101)}
    with pytest.raises(ValidationError, match="at most 100 items"):
        Settings.model_validate({"metric_filters": filters})
    del filters["f0"]
    Settings.model_validate({"metric_filters": filters})


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"query": " \n"}, "at least 1"),
        ({"query": "q" * 10_001}, "at most 10000"),
        ({"log_groups": ["g" * 513]}, "at most 512"),
    ],
)
def test_a_query_that_is_refused_by_aws_is_refused(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        with_query("errors", **fields)


def test_a_query_may_be_as_long_as_at_aws() -> None:
    with_query("q" * 255, query=f" {'q' * 10_000} ", log_groups=["g" * 512])
    with pytest.raises(ValidationError, match="at most 255"):
        with_query("q" * 256)


@pytest.mark.parametrize("pattern", [FIELDS, "[ip, task, status = 5*]", "  { $.x = 1 }"])
def test_patterns_of_fields_have_dimensions(pattern: str) -> None:
    with_filter(pattern=pattern, dimensions={"Task": "$.task"})


def test_the_services_own_group_counts_among_fifty() -> None:
    groups = [f"group-{each}" for each in range(50)]
    desired(with_query("errors", log_groups=groups[:49]), PLACE)
    with pytest.raises(DeclarationError, match="searches 51 log groups") as caught:
        desired(with_query("errors", log_groups=groups), PLACE)
    assert caught.value.location == ("log_metrics", "queries", "errors")
    with pytest.raises(ValidationError, match="at most 50 items"):
        with_query("errors", log_groups=[*groups, "more"])


def test_a_query_whose_full_name_is_too_long_is_refused() -> None:
    longest = 255 - len("ops/shop/prod/web/")
    desired(with_query("q" * longest), PLACE)
    with pytest.raises(DeclarationError, match="longer than 255 characters") as caught:
        desired(with_query("q" * (longest + 1)), PLACE)
    assert caught.value.location[:2] == ("log_metrics", "queries")
