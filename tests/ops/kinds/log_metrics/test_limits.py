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
        ({"value": "v" * 101}, "at most 100"),
        ({"dimensions": {"d": "v" * 256}}, "at most 255"),
    ],
)
def test_a_filter_that_is_refused_by_aws_is_refused(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        with_filter(**fields)


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
