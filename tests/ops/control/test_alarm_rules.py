"""Alarms that CloudWatch refuses: each limit, and a step on either side."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ops.control.alarms import (
    composite_alarm_refusals,
    is_dimension_part,
    is_period,
    longest_window,
    metric_alarm_refusals,
)

ONE_METRIC: dict[str, Any] = {
    "MetricName": "CPUUtilization",
    "Namespace": "AWS/ECS",
    "Statistic": "Average",
    "Period": 60,
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 3,
    "Threshold": 80,
}
STAT = {"Metric": {"MetricName": "a", "Namespace": "b"}, "Period": 60, "Stat": "Sum"}
MEASURED = {"Id": "m1", "MetricStat": STAT, "ReturnData": False}
CALCULATED = {"Id": "e1", "Expression": "m1 * 2"}
SEVERAL = {
    "Metrics": [MEASURED, CALCULATED],
    **{name: ONE_METRIC[name] for name in ("ComparisonOperator", "EvaluationPeriods", "Threshold")},
}
MANY = [{**MEASURED, "Id": f"m{number}"} for number in range(1, 12)]


def _without(request: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name not in names}


def _of_period(seconds: int, name: str = "m1") -> dict[str, Any]:
    return {**MEASURED, "Id": name, "MetricStat": {**STAT, "Period": seconds}}


def _dimensions(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"Dimensions": [{"Name": name, "Value": value} for name, value in pairs]}


ACCEPTED: dict[str, dict[str, Any]] = {
    "one metric": ONE_METRIC,
    "several": SEVERAL,
    "promql": {"EvaluationCriteria": {}, "MetricName": "a", "Metrics": []},
    "a percentile": {**_without(ONE_METRIC, "Statistic"), "ExtendedStatistic": "p99.9"},
    "as many datapoints as periods": {**ONE_METRIC, "DatapointsToAlarm": 3},
    "all treatments": {
        **ONE_METRIC,
        "TreatMissingData": "notBreaching",
        "EvaluateLowSampleCountPercentile": "evaluate",
    },
    "a day of minutes": {**ONE_METRIC, "EvaluationPeriods": 1440},
    "a week of hours": {**ONE_METRIC, "Period": 3600, "EvaluationPeriods": 168},
    "ten seconds": {**ONE_METRIC, "Period": 10},
    "two dimensions": {**ONE_METRIC, **_dimensions(("A", "1"), ("B", "2"))},
    "a band": {
        **_without(SEVERAL, "Threshold"),
        "ComparisonOperator": "GreaterThanUpperThreshold",
        "ThresholdMetricId": "band",
        "Metrics": [
            {**MEASURED, "ReturnData": True},
            {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1)"},
        ],
    },
    "ten metrics": {**SEVERAL, "Metrics": [*MANY[:10], CALCULATED]},
    "a query": {**SEVERAL, "Metrics": [{"Id": "q1", "Expression": " select MAX(a) FROM b"}]},
    "an expression of another": {
        **SEVERAL,
        "Metrics": [
            {"Id": "e2", "Expression": "e1 + 1"},
            {**CALCULATED, "ReturnData": False},
            MEASURED,
        ],
    },
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "neither": (_without(ONE_METRIC, "MetricName"), "Exactly one of MetricName"),
    "both": ({**ONE_METRIC, "Metrics": [MEASURED]}, "Exactly one of MetricName"),
    "no comparison": (_without(ONE_METRIC, "ComparisonOperator"), "ComparisonOperator must not"),
    "no periods": (_without(ONE_METRIC, "EvaluationPeriods"), "EvaluationPeriods must not"),
    "no threshold": (_without(ONE_METRIC, "Threshold"), "Threshold must not be null"),
    "a band's comparison": (
        {**ONE_METRIC, "ComparisonOperator": "GreaterThanUpperThreshold"},
        "only for alarms with a ThresholdMetricId",
    ),
    "not a number": ({**ONE_METRIC, "Threshold": math.nan}, "finite number"),
    "too many datapoints": ({**ONE_METRIC, "DatapointsToAlarm": 4}, "DatapointsToAlarm"),
    "missing data": ({**ONE_METRIC, "TreatMissingData": "not-breaching"}, "TreatMissingData"),
    "low samples": ({**ONE_METRIC, "EvaluateLowSampleCountPercentile": "no"}, "EvaluateLow"),
    "no namespace": (_without(ONE_METRIC, "Namespace"), "Namespace must not be null"),
    "no period": (_without(ONE_METRIC, "Period"), "Period must not be null"),
    "two statistics": ({**ONE_METRIC, "ExtendedStatistic": "p99"}, "Exactly one of Statistic"),
    "no statistic": (_without(ONE_METRIC, "Statistic"), "Exactly one of Statistic"),
    "no such percentile": (
        {**_without(ONE_METRIC, "Statistic"), "ExtendedStatistic": "p101"},
        "p101 for parameter ExtendedStatistic",
    ),
    "a dimension twice": (
        {**ONE_METRIC, **_dimensions(("A", "1"), ("A", "2"))},
        "A is given twice",
    ),
    "a blank dimension": ({**ONE_METRIC, **_dimensions(("A", " "))}, "not blank"),
    "a colon": ({**ONE_METRIC, **_dimensions((":A", "1"))}, "must not begin with a colon"),
    "half a minute more": ({**ONE_METRIC, "Period": 90}, "The period 90 is invalid"),
    "a day and a minute": ({**ONE_METRIC, "EvaluationPeriods": 1441}, "more than 86400 seconds"),
    "a week and an hour": (
        {**ONE_METRIC, "Period": 3600, "EvaluationPeriods": 169},
        "more than 604800 seconds",
    ),
    "a metric's field": ({**SEVERAL, "Period": 60}, "Period should not be set"),
    "an id twice": ({**SEVERAL, "Metrics": [MEASURED, MEASURED, CALCULATED]}, "m1 is given twice"),
    "an id in capitals": ({**SEVERAL, "Metrics": [{**MEASURED, "Id": "M1"}]}, "The Id M1"),
    "an empty query": ({**SEVERAL, "Metrics": [{"Id": "m1"}]}, "either a MetricStat or"),
    "eleven metrics": ({**SEVERAL, "Metrics": [*MANY, CALCULATED]}, "at most 10 metrics"),
    "two results": (
        {**SEVERAL, "Metrics": [{**MEASURED, "ReturnData": True}, CALCULATED]},
        "Exactly one element of Metrics must return data, not 2",
    ),
    "no result": ({**SEVERAL, "Metrics": [MEASURED]}, "must return data, not 0"),
    "two periods": (
        {**SEVERAL, "Metrics": [_of_period(60), _of_period(300, "m2"), CALCULATED]},
        "one period, not 60, 300",
    ),
    "the period of a metric": (
        {**SEVERAL, "Metrics": [_of_period(45), CALCULATED]},
        "The period 45 is invalid",
    ),
    "no such statistic": (
        {**SEVERAL, "Metrics": [{**MEASURED, "MetricStat": {**STAT, "Stat": "sum"}}, CALCULATED]},
        "The value sum for parameter Stat",
    ),
    "an unknown name": (
        {**SEVERAL, "Metrics": [MEASURED, {**CALCULATED, "Expression": "m2 * 2"}]},
        "Error in expression 'e1'",
    ),
    "a number": (
        {**SEVERAL, "Metrics": [MEASURED, {**CALCULATED, "Expression": "AVG(m1)"}]},
        "Error in expression 'e1': the expression returns a number",
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_cloudwatch_accepts(case: str) -> None:
    assert list(metric_alarm_refusals(ACCEPTED[case])) == []


@pytest.mark.parametrize("case", REFUSED)
def test_cloudwatch_refuses_and_says_why(case: str) -> None:
    request, why = REFUSED[case]
    assert why in "; ".join(metric_alarm_refusals(request))


def test_one_mistake_is_one_refusal() -> None:
    """A second message about one mistake would send its reader to a wrong place."""
    for case in ("two statistics", "not a number", "a blank dimension", "two results", "a number"):
        assert len(list(metric_alarm_refusals(REFUSED[case][0]))) == 1, case


def test_an_expression_may_return_a_number_to_another_one() -> None:
    average = {"Id": "e1", "Expression": "AVG(m1)", "ReturnData": False}
    metrics = [MEASURED, average, {"Id": "e2", "Expression": "m1 - e1"}]
    assert list(metric_alarm_refusals({**SEVERAL, "Metrics": metrics})) == []


@pytest.mark.parametrize(
    ("seconds", "is_valid"),
    [(0, False), (-60, False), (10, True), (20, True), (30, True), (40, False), (60, True)],
)
def test_periods(seconds: int, is_valid: bool) -> None:
    assert is_period(seconds) is is_valid


def test_alarms_of_an_hour_and_more_look_back_a_week() -> None:
    assert (longest_window(3540), longest_window(3600)) == (86_400, 604_800)


@pytest.mark.parametrize(
    ("text", "is_valid"), [("a b", True), ("", False), ("  ", False), ("ä", False), ("a\n", False)]
)
def test_dimensions_are_visible_ascii(text: str, is_valid: bool) -> None:
    assert is_dimension_part(text) is is_valid


@pytest.mark.parametrize(
    ("children", "elements", "refusals"), [(100, 500, 0), (101, 500, 1), (100, 501, 1)]
)
def test_a_composite_alarm_has_a_largest_size(children: int, elements: int, refusals: int) -> None:
    names = [f"alarm-{number}" for number in range(children)]
    assert len(list(composite_alarm_refusals([*names, names[0]], elements))) == refusals
