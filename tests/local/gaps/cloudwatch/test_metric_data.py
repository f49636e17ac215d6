"""Metrics, and the history of alarms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from collections.abc import Callable

BEGIN = datetime(2026, 7, 6, 12, tzinfo=UTC)
DIMENSIONS = [{"Name": "Queue", "Value": "orders"}]


def put(client: Callable[[str], Any], namespace: str, *values: float) -> None:
    """Put one value a minute."""
    client("cloudwatch").put_metric_data(
        Namespace=namespace,
        MetricData=[
            {
                "MetricName": "Depth",
                "Dimensions": DIMENSIONS,
                "Timestamp": BEGIN + timedelta(minutes=minute),
                "Value": value,
            }
            for minute, value in enumerate(values)
        ],
    )


def calculated(client: Callable[[str], Any], namespace: str, expression: str) -> list[float]:
    metric = {"Namespace": namespace, "MetricName": "Depth", "Dimensions": DIMENSIONS}
    answer = client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": "depth",
                "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
                "ReturnData": False,
            },
            {"Id": "e", "Expression": expression},
        ],
        StartTime=BEGIN,
        EndTime=BEGIN + timedelta(minutes=5),
        ScanBy="TimestampAscending",
    )
    values: list[float] = answer["MetricDataResults"][0]["Values"]
    return values


def test_moto_still_ignores_namespaces_and_knows_no_metric_math(
    moto: Callable[[str], Any], name: str
) -> None:
    put(moto, name, 1)
    put(moto, f"{name}-other", 2)
    assert calculated(moto, name, "depth") == [3]
    with pytest.raises((ClientError, ResponseParserError)):
        moto("cloudwatch").describe_alarm_history()


def test_metric_math_is_calculated_on_the_metric_of_its_namespace(
    embedded: Callable[[str], Any], name: str
) -> None:
    put(embedded, name, 1, 4)
    put(embedded, f"{name}-other", 2)
    assert calculated(embedded, name, "IF(FILL(depth, 0) > 2, depth * 10, 7)") == [7, 40, 7, 7, 7]


def test_an_expression_that_is_none_is_refused(embedded: Callable[[str], Any], name: str) -> None:
    put(embedded, name, 1)
    with pytest.raises(ClientError, match="Error in expression 'e'"):
        calculated(embedded, name, "depth +")


def test_statistics_of_a_period_and_the_list_of_metrics(
    embedded: Callable[[str], Any], name: str
) -> None:
    put(embedded, name, 1, 4, 7)
    cloudwatch = embedded("cloudwatch")
    found = cloudwatch.get_metric_statistics(
        Namespace=name,
        MetricName="Depth",
        Dimensions=DIMENSIONS,
        StartTime=BEGIN,
        EndTime=BEGIN + timedelta(minutes=5),
        Period=300,
        Statistics=["SampleCount", "Maximum"],
        ExtendedStatistics=["p50"],
    )["Datapoints"]
    (point,) = found
    assert (point["SampleCount"], point["Maximum"], point["Timestamp"]) == (3, 7, BEGIN)
    assert point["ExtendedStatistics"] == {"p50": 4}
    (metric,) = cloudwatch.list_metrics(Namespace=name)["Metrics"]
    assert (metric["MetricName"], metric["Dimensions"]) == ("Depth", DIMENSIONS)


def test_the_history_of_an_alarm_that_never_changed_is_empty(
    embedded: Callable[[str], Any], name: str
) -> None:
    history = embedded("cloudwatch").describe_alarm_history(AlarmName=name)
    assert history["AlarmHistoryItems"] == []
