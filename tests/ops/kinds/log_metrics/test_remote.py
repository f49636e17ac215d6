"""Metric filters and saved queries in CloudWatch Logs.

moto adds a second filter where AWS replaces the first, and has no saved queries: both gaps are
closed in the emulator (`ops.local.gaps`).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from ops.aws.client import Aws
from ops.copilot.place import ServicePlace, ServiceStack
from ops.kinds.log_metrics.desired import desired
from ops.kinds.log_metrics.remote import Remote
from ops.kinds.log_metrics.settings import Settings
from ops.plan.model import Create

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ops.conftest import Ops

DECLARED = """\
log_metrics:
  metric_filters:
    errors:
      pattern: '{ $.level = "ERROR" }'
    slow:
      pattern: '{ $.seconds > 1 }'
      value: $.seconds
      unit: Seconds
      dimensions: {Task: $.task}
  queries:
    errors:
      query: |
        fields @timestamp, message
        | filter level = "ERROR"
"""


@pytest.fixture
def declared(workspace: Path, deployed: dict[str, str]) -> Path:
    """Declare filters and a query in the worker's `ops.yml`, and deploy everything."""
    path = workspace / "copilot/worker/ops.yml"
    path.write_text(DECLARED)
    return path


def filters() -> dict[str, Any]:
    found = boto3.client("logs").describe_metric_filters(logGroupName="/copilot/shop-prod-worker")
    return {each["filterName"]: each for each in found["metricFilters"]}


def queries() -> dict[str, Any]:
    found = boto3.client("logs").describe_query_definitions()
    return {each["name"]: each for each in found["queryDefinitions"]}


def sync(ops: Ops, *more: str) -> str:
    done = ops("log-metrics", "sync", "--env", "prod", *more)
    assert done.code == 0, done
    return done.out


def test_sync_makes_filters_and_queries_and_a_second_one_nothing(ops: Ops, declared: Path) -> None:
    sync(ops)
    [slow] = filters()["ops-slow"]["metricTransformations"]
    assert slow == {
        "metricNamespace": "shop/prod/worker",
        "metricName": "slow",
        "metricValue": "$.seconds",
        "unit": "Seconds",
        "dimensions": {"Task": "$.task"},
    }
    query = queries()["ops/shop/prod/worker/errors"]
    assert query["logGroupNames"] == ["/copilot/shop-prod-worker"]
    assert ops("log-metrics", "plan", "--env", "prod", "--exit-code").code == 0


def test_what_someone_changed_is_put_back_in_place(ops: Ops, declared: Path) -> None:
    sync(ops)
    known_by = queries()["ops/shop/prod/worker/errors"]["queryDefinitionId"]
    logs = boto3.client("logs")
    logs.put_query_definition(
        queryDefinitionId=known_by, name="ops/shop/prod/worker/errors", queryString="fields @log"
    )
    logs.put_metric_filter(
        logGroupName="/copilot/shop-prod-worker",
        filterName="ops-errors",
        filterPattern="Error",
        metricTransformations=[
            {
                "metricNamespace": "shop/prod/worker",
                "metricName": "errors",
                "metricValue": "1",
                "defaultValue": 0,
            }
        ],
    )
    planned = ops("log-metrics", "plan", "--env", "prod", "--exit-code")
    assert planned.code == 2
    assert 'filterPattern  Error → { $.level = "ERROR" }' in planned.out
    sync(ops)
    assert filters()["ops-errors"]["filterPattern"] == '{ $.level = "ERROR" }'
    assert list(queries()) == ["ops/shop/prod/worker/errors"]
    assert queries()["ops/shop/prod/worker/errors"]["queryDefinitionId"] == known_by


def test_an_update_keeps_what_somebody_set_beside(ops: Ops, declared: Path) -> None:
    sync(ops)
    parameters: Any = [{"name": "level", "defaultValue": "ERROR"}]
    boto3.client("logs").put_query_definition(
        queryDefinitionId=queries()["ops/shop/prod/worker/errors"]["queryDefinitionId"],
        name="ops/shop/prod/worker/errors",
        queryString="fields @log",
        queryLanguage="CWLI",
        parameters=parameters,
    )
    sync(ops)
    mended = queries()["ops/shop/prod/worker/errors"]
    assert mended["queryString"].startswith("fields @timestamp")
    assert (mended["queryLanguage"], mended["parameters"]) == ("CWLI", parameters)


def test_two_syncs_at_once_make_one_query(aws: None) -> None:
    stack = ServiceStack("shop-prod-web", "shop-prod", "shop-web", log_group="/copilot/web")
    place = ServicePlace("shop", "prod", "web", stack)
    settings = Settings.model_validate({"queries": {"errors": {"query": "fields @log"}}})
    [wanted] = desired(settings, place)
    session = Aws()
    both = [Remote(session, [place]), Remote(session, [place])]
    assert [remote.read([wanted.name]) for remote in both] == [[], []]
    with session.writing():
        for remote in both:
            remote.create(Create(wanted))
    assert len(boto3.client("logs").describe_query_definitions()["queryDefinitions"]) == 1


def test_prune_takes_what_is_ours_alone(ops: Ops, declared: Path) -> None:
    sync(ops)
    logs = boto3.client("logs")
    logs.put_metric_filter(
        logGroupName="/copilot/shop-prod-worker",
        filterName="theirs",
        filterPattern="",
        metricTransformations=[
            {"metricNamespace": "Theirs", "metricName": "lines", "metricValue": "1"}
        ],
    )
    logs.put_query_definition(name="theirs", queryString="fields @message")
    logs.put_query_definition(name="ops/shop/staging/worker/errors", queryString="fields @log")
    declared.write_text("")
    sync(ops, "--prune", "--yes")
    assert set(filters()) == {"theirs"}
    assert set(queries()) == {"theirs", "ops/shop/staging/worker/errors"}


def test_reading_costs_a_call_for_a_service_and_one_for_all_queries(
    ops: Ops, declared: Path, calls: list[str]
) -> None:
    sync(ops)
    calls.clear()
    assert ops("log-metrics", "plan", "--env", "prod").code == 0
    assert Counter(calls) == {
        "ListStackResources": 2,
        "DescribeServices": 1,
        "DescribeMetricFilters": 2,
        "DescribeQueryDefinitions": 1,
    }
