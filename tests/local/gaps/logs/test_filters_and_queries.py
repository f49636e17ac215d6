"""Metric filters that are put twice, and saved queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable


def patterns_after_two_puts(client: Callable[[str], Any], name: str) -> list[str]:
    logs = client("logs")
    logs.create_log_group(logGroupName=name)
    for pattern in ("ERROR", "FATAL"):
        logs.put_metric_filter(
            logGroupName=name,
            filterName="errors",
            filterPattern=pattern,
            metricTransformations=[
                {"metricName": "errors", "metricNamespace": "shop", "metricValue": "1"}
            ],
        )
    found = logs.describe_metric_filters(logGroupName=name)["metricFilters"]
    return [each["filterPattern"] for each in found]


def save(client: Callable[[str], Any], name: str, **more: str) -> str:
    saved = client("logs").put_query_definition(name=name, queryString="fields @message", **more)
    return str(saved["queryDefinitionId"])


def saved_queries(client: Callable[[str], Any], prefix: str) -> list[str]:
    found = client("logs").describe_query_definitions(queryDefinitionNamePrefix=prefix)
    return [each["name"] for each in found["queryDefinitions"]]


def test_moto_still_keeps_both_filters(moto: Callable[[str], Any], name: str) -> None:
    assert patterns_after_two_puts(moto, name) == ["ERROR", "FATAL"]


def test_a_filter_takes_its_namesakes_place(embedded: Callable[[str], Any], name: str) -> None:
    assert patterns_after_two_puts(embedded, name) == ["FATAL"]


def test_moto_still_has_no_saved_queries(moto: Callable[[str], Any], name: str) -> None:
    with pytest.raises(ClientError):
        save(moto, name)


def test_a_saved_query_is_found_renamed_and_deleted(
    embedded: Callable[[str], Any], name: str
) -> None:
    known_by = save(embedded, f"{name}/errors")
    assert saved_queries(embedded, name) == [f"{name}/errors"]
    assert save(embedded, f"{name}/faults", queryDefinitionId=known_by) == known_by
    assert saved_queries(embedded, name) == [f"{name}/faults"]
    embedded("logs").delete_query_definition(queryDefinitionId=known_by)
    assert saved_queries(embedded, name) == []


def test_a_query_that_is_not_there_cannot_be_changed(
    embedded: Callable[[str], Any], name: str
) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        save(embedded, name, queryDefinitionId="none")


def test_many_queries_come_in_pages(embedded: Callable[[str], Any], name: str) -> None:
    for number in range(3):
        save(embedded, f"{name}/{number}")
    logs = embedded("logs")
    first = logs.describe_query_definitions(queryDefinitionNamePrefix=name, maxResults=2)
    rest = logs.describe_query_definitions(
        queryDefinitionNamePrefix=name, maxResults=2, nextToken=first["nextToken"]
    )
    assert [len(page["queryDefinitions"]) for page in (first, rest)] == [2, 1]
    assert "nextToken" not in rest


def put_filter(client: Callable[[str], Any], name: str, pattern: str, **more: object) -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName=f"{name}-{len(pattern)}")
    transformation = {"metricName": "m", "metricNamespace": "n", "metricValue": "1", **more}
    logs.put_metric_filter(
        logGroupName=f"{name}-{len(pattern)}",
        filterName=name,
        filterPattern=pattern,
        metricTransformations=[transformation],
    )


def test_moto_still_takes_dimensions_of_a_text(moto: Callable[[str], Any], name: str) -> None:
    put_filter(moto, name, "ERROR", dimensions={"Task": "$.task"})


def test_dimensions_need_a_pattern_with_fields(embedded: Callable[[str], Any], name: str) -> None:
    dimensions = {"Task": "$.task"}
    with pytest.raises(ClientError, match="specified filter pattern does not support dimensions"):
        put_filter(embedded, name, "ERROR", dimensions=dimensions)
    with pytest.raises(ClientError, match="either dimensions or a default value"):
        put_filter(embedded, name, "{ $.x = 1 }", dimensions=dimensions, defaultValue=0)
    put_filter(embedded, name, '{ $.level = "ERROR" }', dimensions=dimensions)
    put_filter(embedded, name, "[ip, task]", dimensions={"Task": "$task"})


def test_a_pattern_that_cannot_be_read_is_refused(
    embedded: Callable[[str], Any], name: str
) -> None:
    with pytest.raises(ClientError, match="Invalid metric filter pattern") as caught:
        put_filter(embedded, name, "{ $.level = ERROR")
    assert caught.value.response["Error"]["Code"] == "InvalidParameterException"


def test_a_query_has_at_most_fifty_log_groups(embedded: Callable[[str], Any], name: str) -> None:
    logs = embedded("logs")
    groups = [f"group-{each}" for each in range(51)]
    query = {"name": name, "queryString": "fields @message"}
    with pytest.raises(ClientError, match="at most 50 log groups"):
        logs.put_query_definition(**query, logGroupNames=groups)
    logs.put_query_definition(**query, logGroupNames=groups[:50])
