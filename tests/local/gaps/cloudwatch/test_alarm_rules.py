"""Alarms that the service model accepts and CloudWatch refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.ops.support.existing_alarm import put_alarm

if TYPE_CHECKING:
    from collections.abc import Callable

CONDITION: dict[str, Any] = {
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanThreshold",
}
ONE: dict[str, Any] = {
    **CONDITION,
    "Namespace": "Shop",
    "MetricName": "Orders",
    "Statistic": "Sum",
    "Period": 60,
}


def metric(name: str, period: int = 60, stat: str = "Sum") -> dict[str, Any]:
    of = {"Namespace": "Shop", "MetricName": name}
    return {
        "Id": name,
        "MetricStat": {"Metric": of, "Period": period, "Stat": stat},
        "ReturnData": False,
    }


def math(expression: str, *metrics: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    queries = [*(metrics or (metric("m1"), metric("m2"))), {"Id": "r", "Expression": expression}]
    return {**CONDITION, "Metrics": queries, **more}


TAKEN = {
    "one metric": ONE,
    "metric math": math("100 * m1 / m2"),
    "metrics of one": math("METRICS()", metric("m1")),
    "trimmed mean": math("m1", metric("m1", stat="TM(10%:90%)")),
    "an expression on another": math(
        "e1 * 2", metric("m1"), {"Id": "e1", "Expression": "m1 + 1", "ReturnData": False}
    ),
    "a query in SQL": {
        **CONDITION,
        "Metrics": [{"Id": "q", "Expression": "SELECT MAX(Orders) FROM Shop", "Period": 60}],
    },
    "a band": {
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanUpperThreshold",
        "ThresholdMetricId": "band",
        "Metrics": [
            {**metric("m1"), "ReturnData": True},
            {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)"},
        ],
    },
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "open bracket": (math("(m1 + m2"), "`(` is never closed"),
    "unknown function": (math("MEDIAN([m1, m2])"), "there is no function `MEDIAN`"),
    "unknown metric": (math("m1 / m3"), "there is no metric `m3`"),
    "two series": (math("[m1, m2]"), "returns 2 time series"),
    "all metrics": (math("METRICS()"), "returns 2 time series"),
    "scalar": (math("AVG(m1)"), "returns a number"),
    "search": (math("SUM(SEARCH('{AWS/SQS}', 'Sum', 60))"), "SEARCH is not supported on Metric"),
    "band": (math("ANOMALY_DETECTION_BAND(m1)"), "ANOMALY_DETECTION_BAND is not supported"),
    "eleven metrics": (math("m1", *(metric(f"m{each}") for each in range(1, 12))), "at most 10"),
    "two periods": (math("m1 + m2", metric("m1"), metric("m2", 300)), "one period, not 60, 300"),
    "unknown statistic": (math("m1", metric("m1", stat="p101")), "p101 for parameter Stat is not"),
    "two results": (math("m1", {**metric("m1"), "ReturnData": True}), "not 2"),
    "same id": (math("m1", metric("m1"), metric("m1")), "The Id m1 is given twice"),
    "capital id": (math("m1", metric("m1"), metric("M2")), "does not begin with a small letter"),
    "both": (math("m1", Statistic="Sum"), "Statistic should not be set if list of Metrics is set"),
    "no metric": (CONDITION, "Exactly one of MetricName, Metrics"),
    "extended": ({**ONE, "Statistic": None, "ExtendedStatistic": "TM99"}, "TM99 for parameter"),
    "no statistic": ({**ONE, "Statistic": None}, "Exactly one of Statistic and Extended"),
    "no period": ({**ONE, "Period": None}, "Period must not be null"),
    "odd period": ({**ONE, "Period": 45}, "The period 45 is invalid"),
    "over a day": ({**ONE, "EvaluationPeriods": 1441}, "more than 86400 seconds"),
    "over a week": ({**ONE, "Period": 3600, "EvaluationPeriods": 169}, "more than 604800 seconds"),
    "more of fewer": ({**ONE, "DatapointsToAlarm": 2}, "DatapointsToAlarm must not be more"),
    "infinite": ({**ONE, "Threshold": float("inf")}, "Threshold must be a finite number"),
    "no number": ({**ONE, "Threshold": float("nan")}, "Threshold must be a finite number"),
    "no threshold": ({**ONE, "Threshold": None}, "Threshold must not be null"),
    "missing data": ({**ONE, "TreatMissingData": "not-breaching"}, "TreatMissingData must be"),
    "31 dimensions": (
        {**ONE, "Dimensions": [{"Name": f"d{each}", "Value": "v"} for each in range(31)]},
        "Member must have length less than or equal to 30",
    ),
    "umlaut": ({**ONE, "Dimensions": [{"Name": "Größe", "Value": "v"}]}, "must be ASCII"),
}


def put(client: Callable[[str], Any], name: str, alarm: dict[str, Any]) -> None:
    given = {key: value for key, value in alarm.items() if value is not None}
    client("cloudwatch").put_metric_alarm(AlarmName=name, **given)


def test_moto_still_takes_an_expression_that_is_none(moto: Callable[[str], Any], name: str) -> None:
    put(moto, name, math("(m1 + m2"))


@pytest.mark.parametrize("alarm", TAKEN.values(), ids=TAKEN)
def test_what_cloudwatch_takes_is_taken(
    embedded: Callable[[str], Any], name: str, alarm: dict[str, Any]
) -> None:
    put(embedded, name, alarm)


@pytest.mark.parametrize(("alarm", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cloudwatch_refuses_is_refused(
    embedded: Callable[[str], Any], name: str, alarm: dict[str, Any], why: str
) -> None:
    with pytest.raises(ClientError) as caught:
        put(embedded, name, alarm)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert why in str(caught.value)


def composite(client: Callable[[str], Any], name: str, rule: str) -> None:
    client("cloudwatch").put_composite_alarm(AlarmName=f"{name}-both", AlarmRule=rule)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("ALARM(a) AND", "ends too early"),
        (" OR ".join(f"ALARM(a{each})" for each in range(101)), "names 101 alarms"),
        (" OR ".join(["TRUE"] * 501), "has 501 alarms, constants and brackets"),
        ("TRUE" + " " * 10_240, "Member must have length less than or equal to 10240"),
    ],
)
def test_a_rule_of_a_composite_alarm_is_read_and_counted(
    embedded: Callable[[str], Any], name: str, rule: str, why: str
) -> None:
    with pytest.raises(ClientError, match=why):
        composite(embedded, name, rule)


def test_a_hundred_alarms_in_a_rule_are_taken(embedded: Callable[[str], Any], name: str) -> None:
    names = [f"{name}-{each}" for each in range(100)]
    for each in names:
        put_alarm(embedded("cloudwatch"), each)
    composite(embedded, name, " OR ".join(f"ALARM({each})" for each in names))
