"""The values of metric math, against the tables of CloudWatch's user guide.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import math

import pytest

from ops.control.cloudwatch.calculation import value_of
from ops.control.cloudwatch.points import Grid, Points, Several, Value
from ops.control.expression import ExpressionError, parse
from ops.control.functions import FUNCTIONS
from ops.control.undocumented import Choices, Filler

GRID = Grid(start=0, period=60, length=4)
GAP = None
SERIES: dict[str, Value] = {
    "a": (30.0, 20.0, 0.0, 0.0),
    "b": (20.0, GAP, 20.0, GAP),
    "gaps": (GAP, 4.0, GAP, 8.0),
    "none": (GAP, GAP, GAP, GAP),
    "one": (1.0, 2.0, 3.0, 4.0),
}


def calculated(text: str, choices: Choices | None = None) -> Value:
    metrics = tuple(SERIES)
    return value_of(parse(text), SERIES, GRID, metrics, choices or Choices())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # AWS's example: `(metric1 > 15 AND metric2 > 15)`
        ("a > 15 AND b > 15", (1, 0, 0, 0)),
        ("a > 15 OR b > 15", (1, 1, 1, 0)),
        ("a + b", (50, 20, 20, 0)),
        ("none + gaps", (GAP, 4, GAP, 8)),
        ("a - b", (10, 20, -20, 0)),
        ("a / b", (1.5, GAP, 0, GAP)),
        ("gaps * 2", (GAP, 8, GAP, 16)),
        ("100 - gaps", (GAP, 96, GAP, 92)),
        ("-gaps", (GAP, -4, GAP, -8)),
        ("gaps ^ 2", (GAP, 16, GAP, 64)),
        ("b >= 20", (1, GAP, 1, GAP)),
        ("gaps == b", (0, 0, 0, 0)),
        ("IF(gaps > 5, 1, 0)", (GAP, 0, GAP, 1)),
        ("IF(a > 15, b, 7)", (20, 0, 7, 7)),
        ("IF(a > 15, 1)", (1, 1, GAP, GAP)),
        ("IF(a > 15, 1, b)", (1, 1, 20, GAP)),
        ("IF(FILL(gaps, 0) > 0, one / gaps, one)", (1, 0.5, 3, 0.5)),
        ("FILL(gaps, 0)", (0, 4, 0, 8)),
        ("FILL(gaps, REPEAT)", (GAP, 4, 4, 8)),
        ("FILL(gaps, LINEAR)", (GAP, 4, 6, 8)),
        ("FILL(gaps, one)", (1, 4, 3, 8)),
        ("SUM([a, b])", (50, 20, 20, 0)),
        ("MAX([gaps, none])", (GAP, 4, GAP, 8)),
        ("AVG([a, b])", (25, 20, 10, 0)),
        ("one - AVG(one)", (-1.5, -0.5, 0.5, 1.5)),
        ("DIFF(gaps)", (GAP, GAP, GAP, 4)),
        ("DIFF_TIME(gaps)", (GAP, GAP, GAP, 120)),
        ("RATE(one)", (GAP, 1 / 60, 1 / 60, 1 / 60)),
        ("RUNNING_SUM(one)", (1, 3, 6, 10)),
        ("RUNNING_SUM(gaps)", (GAP, 4, GAP, 12)),
        ("ABS(-one)", (1, 2, 3, 4)),
        ("CEIL(one / 2)", (1, 1, 2, 2)),
        ("FLOOR(one / 2)", (0, 1, 1, 2)),
        ("LOG10(a)", (math.log10(30), math.log10(20), GAP, GAP)),
        ("TIME_SERIES(3)", (3, 3, 3, 3)),
        ("MINUTE(gaps)", (GAP, 1, GAP, 3)),
        ("one / PERIOD(one)", (1 / 60, 2 / 60, 3 / 60, 4 / 60)),
        ("FIRST(SORT([one, a], MAX, DESC))", (30, 20, 0, 0)),
        ("SLICE([one, a], 1, 2)", (30, 20, 0, 0)),
        ("LAST([one, a])", (30, 20, 0, 0)),
        ("one + DATAPOINT_COUNT(gaps)", (3, 4, 5, 6)),
        ("one + METRIC_COUNT(METRICS())", (6, 7, 8, 9)),
        ('SUM(METRICS("on"))', (1, 2, 3, 4)),
    ],
)
def test_values(text: str, expected: Points) -> None:
    assert calculated(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("filler", "expected"), [(Filler.NOTHING, (GAP,) * 4), (Filler.FILLS, (0,) * 4)]
)
def test_filling_a_metric_without_points_has_two_readings(filler: Filler, expected: Points) -> None:
    assert calculated("FILL(none, 0)", Choices(fill_of_nothing=filler)) == expected


def test_a_metric_without_points_counts_as_missing_everywhere() -> None:
    assert calculated("a + none") == SERIES["a"]


def test_arrays_are_calculated_series_by_series() -> None:
    assert calculated("[a, one] * 2") == Several(((60, 40, 0, 0), (2, 4, 6, 8)))


def test_the_last_series_of_a_shorter_array_stands_for_the_missing_ones() -> None:
    assert calculated("IF([one, one, one] > 2, [a, b], 0)") == Several(
        ((0, 0, 0, 0), (0, 0, 20, 0), (0, 0, 20, 0))
    )


def test_numbers_are_reduced_from_the_points_that_are_there() -> None:
    assert calculated("AVG(gaps)") == 6


def test_a_sum_may_have_hundreds_of_operands() -> None:
    assert calculated("+".join(["one"] * 500)) == (500, 1000, 1500, 2000)


def test_every_function_of_aws_is_calculated_or_refused_with_a_reason() -> None:
    only_aws = {"ANOMALY_DETECTION_BAND", "DB_PERF_INSIGHTS", "INSIGHT_RULE_METRIC", "SEARCH"}
    only_aws |= {"SERVICE_QUOTA"}
    arguments = {"IF": "one, one", "FILL": "one, 0", "SORT": "[one], AVG, ASC", "METRICS": ""}
    arguments |= {"SLICE": "[one], 0", "TIME_SERIES": "1"}
    for name in FUNCTIONS:
        text = f"{name}({arguments.get(name, '[one]')})"
        if name in only_aws:
            with pytest.raises(ExpressionError, match="only AWS has"):
                calculated(text)
        else:
            calculated(text)
