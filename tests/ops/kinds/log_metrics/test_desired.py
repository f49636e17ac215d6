"""Desired metric filters and saved queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import boto3
import pytest
from pydantic import ValidationError

from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace, ServiceStack
from ops.copilot.workspace import WorkspaceError, load_workspace
from ops.kinds.log_metrics.desired import LogMetric, desired, metrics
from ops.kinds.log_metrics.settings import MetricFilter, Settings, Unit

if TYPE_CHECKING:
    from pathlib import Path

STACK = ServiceStack("shop-prod-web", "shop-prod", "shop-web", log_group="/copilot/shop-prod-web")
PLACE = ServicePlace("shop", "prod", "web", STACK)
ERRORS = {"pattern": '{ $.level = "ERROR" }'}


def settings(**sections: Any) -> Settings:  # noqa: ANN401  # as in a file
    return Settings.model_validate(sections)


def test_a_filter_makes_a_metric_of_the_service() -> None:
    [resource] = desired(settings(metric_filters={"errors": ERRORS}), PLACE)
    assert resource.name == "web/metric-filter/errors"
    assert resource.properties == {
        "logGroupName": "/copilot/shop-prod-web",
        "filterName": "ops-errors",
        "filterPattern": '{ $.level = "ERROR" }',
        "metricTransformation": {
            "metricNamespace": "shop/prod/web",
            "metricName": "errors",
            "metricValue": "1",
            "defaultValue": 0,
            "dimensions": None,
            "unit": None,
        },
    }


def test_dimensions_leave_no_default() -> None:
    by_task = {**ERRORS, "dimensions": {"Task": "$.task"}}
    [resource] = desired(settings(metric_filters={"errors": by_task}), PLACE)
    transformation: Any = resource.properties["metricTransformation"]
    assert transformation["defaultValue"] is None
    assert transformation["dimensions"] == {"Task": "$.task"}
    with pytest.raises(ValidationError, match="not both"):
        MetricFilter.model_validate({**by_task, "default": 0})


def test_metrics_are_told_to_whoever_draws_them() -> None:
    filters = {
        "errors": ERRORS,
        "slow": {
            "pattern": "{ $.slow IS TRUE }",
            "metric": "Slow",
            "namespace": "Ours",
            "dimensions": {"T": "$.t"},
        },
    }
    assert list(metrics(settings(metric_filters=filters), PLACE)) == [
        LogMetric("shop/prod/web", "errors", ()),
        LogMetric("Ours", "Slow", ("T",)),
    ]


def test_a_query_searches_the_services_log_group_and_those_it_names() -> None:
    query = {"query": "fields @message\n", "log_groups": ["/copilot/shop-prod-api"]}
    [resource] = desired(settings(queries={"trace": query}), PLACE)
    assert resource.name == "web/query/trace"
    assert resource.properties == {
        "name": "ops/shop/prod/web/trace",
        "queryString": "fields @message",
        "logGroupNames": ["/copilot/shop-prod-api", "/copilot/shop-prod-web"],
    }


def test_a_service_without_a_log_group_has_no_metrics_of_it() -> None:
    alone = ServicePlace("shop", "prod", "web", ServiceStack("s", "shop-prod", "shop-web"))
    with pytest.raises(OpsError, match="`web` has no log group"):
        desired(settings(metric_filters={"errors": ERRORS}), alone)


def test_a_short_name_is_one_word() -> None:
    with pytest.raises(ValidationError):
        settings(queries={"two/words": {"query": "fields @message"}})


def test_a_unit_that_cloudwatch_does_not_know_is_told_with_its_line(workspace: Path) -> None:
    (workspace / "copilot/web/ops.yml").write_text(
        "log_metrics:\n  metric_filters:\n    errors:\n      pattern: x\n      unit: Counts\n"
    )
    with pytest.raises(WorkspaceError, match=r"^copilot/web/ops.yml:5: .*'Count'.*not `Counts`"):
        load_workspace(workspace).service_settings("web", "prod")


def test_a_pattern_that_cannot_be_read_is_reported_with_its_line(workspace: Path) -> None:
    (workspace / "copilot/web/ops.yml").write_text(
        "log_metrics:\n  metric_filters:\n    errors:\n      pattern: '{ $.a'\n"
    )
    with pytest.raises(WorkspaceError, match=r"^copilot/web/ops.yml:4: .*no `}` at its end"):
        load_workspace(workspace).service_settings("web", "prod")


def test_the_units_are_those_of_the_api() -> None:
    model = boto3.client("logs", region_name="eu-central-1").meta.service_model
    shape: Any = model.shape_for("StandardUnit")
    assert list(get_args(Unit)) == shape.enum


def test_more_filters_than_a_log_group_may_have_are_told_with_their_line(workspace: Path) -> None:
    head = "log_metrics:\n  metric_filters:\n"
    filters = [f"    errors-{number}: {{pattern: x}}\n" for number in range(101)]
    path = workspace / "copilot/web/ops.yml"
    path.write_text(head + "".join(filters))
    with pytest.raises(
        WorkspaceError, match=r"^copilot/web/ops.yml:2: .*metric_filters: takes at most 100"
    ):
        load_workspace(workspace).service_settings("web", "prod")
    path.write_text(head + "".join(filters[1:]))
    load_workspace(workspace).service_settings("web", "prod")


def test_the_former_name_of_the_section_is_an_error_that_names_the_new_one(
    workspace: Path,
) -> None:
    path = workspace / "copilot/web/ops.yml"
    for head in ("logging:\n", "environments:\n  prod:\n    logging:\n"):
        path.write_text(head + "      metric_filters: {errors: {pattern: x}}\n")
        with pytest.raises(WorkspaceError, match="now named `log_metrics`; rename it"):
            load_workspace(workspace).service_settings("web", "prod")
