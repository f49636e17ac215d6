"""Metric math: accepted expressions, their results, and refusals of CloudWatch."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.control.alarms import check_expression, check_single_series
from ops.control.expression import (
    Array,
    Call,
    ExpressionError,
    Metric,
    Negation,
    Number,
    Operation,
    parse,
)
from ops.control.functions import SCALAR, SERIES, Result, SeriesArray
from ops.control.result import functions_in, result_of

METRICS = ("m1", "m2", "errors", "requests")


def returned(text: str) -> Result:
    return result_of(parse(text), dict.fromkeys(METRICS, SERIES), METRICS)


def refusal(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        check_single_series(check_expression(text, dict.fromkeys(METRICS, SERIES), METRICS))
    return str(caught.value)


def test_operators_bind_as_in_most_languages() -> None:
    assert parse("m1 + m2 * 2") == Operation(
        "+", Metric("m1", 0), Operation("*", Metric("m2", 5), Number(2, 10), 8), 3
    )
    assert parse("-m1 ^ 2") == Negation(Operation("^", Metric("m1", 1), Number(2, 6), 4), 0)
    either = parse("m1 > 1 && m2 < 2 || errors")
    assert isinstance(either, Operation)
    assert either.operator == "OR"
    assert isinstance(either.left, Operation)
    assert either.left.operator == "AND"
    three = parse("m1 - m2 - errors")
    assert isinstance(three, Operation)
    assert three.left == Operation("-", Metric("m1", 0), Metric("m2", 5), 3)


def test_functions_and_arrays_keep_their_arguments() -> None:
    assert parse("SUM([m1, m2])") == Call("SUM", (Array((Metric("m1", 5), Metric("m2", 9)), 4),), 0)


# The examples of AWS's own page, by what each returns.
@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("m1 - AVG(m1)", SERIES),
        ("PERIOD(m1)/60", SCALAR),
        ("5 * m1", SERIES),
        ("SUM(100/[m1, m2])", SERIES),
        ("AVG([m1,m2]/errors)", SERIES),
        ("METRICS()*100", SeriesArray(4)),
        ("SUM(-[m1, m2])", SERIES),
        ("(m1 > 15 AND m2 > 15)", SERIES),
        ("MIN(ABS([m1, m2]))", SERIES),
        ("ABS(METRICS())", SeriesArray(4)),
        ("ANOMALY_DETECTION_BAND(m1,4)", SeriesArray(2)),
        ("SUM([m1,m2])/AVG(m2)", SERIES),
        ("SUM(CEIL(METRICS()))", SERIES),
        ("SUM(m1) / DATAPOINT_COUNT(m1)", SCALAR),
        ("DATAPOINT_COUNT(METRICS())", SERIES),
        ("DIFF_TIME(METRICS())", SeriesArray(4)),
        ("FILL(METRICS(), 0)", SeriesArray(4)),
        ("FILL(METRICS(), m1)", SeriesArray(4)),
        ("FILL(m1, MIN(m1))", SERIES),
        ("FILL(m1, REPEAT)", SERIES),
        ("FILL(METRICS(), LINEAR)", SeriesArray(4)),
        ("IF(FIRST(SORT(METRICS(), AVG, DESC))>100, 1, 0)", SERIES),
        ("m1/METRIC_COUNT(METRICS())", SERIES),
        ('SUM(METRICS("errors"))', SERIES),
        ('METRICS("m")', SeriesArray(2)),
        ("SUM([METRICS('m'), METRICS('requests')])", SERIES),
        ("IF(DAY(m1)<6,m1)", SERIES),
        ("m1/PERIOD(m1)", SERIES),
        ("RATE(METRICS())", SeriesArray(4)),
        ("REMOVE_EMPTY(METRICS())", SeriesArray(None)),
        ("RUNNING_SUM([m1,m2])", SeriesArray(2)),
        ("SLICE(SORT(METRICS(), SUM, DESC), 0, 10)", SeriesArray(None)),
        ("SORT(METRICS(), AVG, DESC, 10)", SeriesArray(10)),
        ("STDDEV(METRICS())", SERIES),
        ("TIME_SERIES(5*AVG(m1))", SERIES),
        ("IF(m1<400, 10, 2)", SERIES),
        ("INSIGHT_RULE_METRIC('rule', 'Sum')", SERIES),
        ("SERVICE_QUOTA(m1)", SERIES),
    ],
)
def test_what_awss_examples_return(text: str, result: Result) -> None:
    assert returned(text) == result


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "at character 1: found the end; expected a number"),
        ("m1 +", "at character 5: found the end"),
        ("(m1 + m2", "at character 1: `(` is never closed"),
        ("m1 + m2)", "at character 8: `)` cannot follow"),
        ("SUM([m1, m2)", "at character 12: found `)`; expected `]`"),
        ("SUM([m1,])", "at character 9: found `]` after a comma"),
        ("m1 m2", "at character 4: `m2` cannot follow; expected an operator"),
        ("1e3 * m1", "at character 1: `1e3` is neither a number nor a name"),
        (".5 * m1", "at character 1: write a number with a digit before its point"),
        ("M1", "`M1` is not a name: names begin with a small letter"),
        ("m1 % 2", "at character 4: `%` has no meaning"),
        ("METRICS('m)", "the quote is never closed"),
        ("m1 + 'm2'", "at character 6: the text `m2` cannot be calculated with"),
        ("reqests", "there is no metric `reqests`; there are `errors`, `m1`"),
        ("sum([m1])", "there is no function `sum`; write `SUM`"),
        ("MEDIAN(m1)", "there is no function `MEDIAN`; there are ABS,"),
        ("IF(m1)", "IF takes 2 to 3 arguments"),
        ("FILL(m1)", "FILL takes 2 arguments"),
        ("FILL(m1, NEVER)", "`NEVER` is not a name"),
        ("FILL(m1, DESC)", "FILL takes a number, a time series, REPEAT or LINEAR as argument 2"),
        ("ABS(5) + m1", "ABS takes a time series or an array of them as argument 1, not a number"),
        ("FIRST(m1)", "FIRST takes an array of time series as argument 1, not a time series"),
        ("m1 / PERIOD(m1 + m2)", "PERIOD takes the name of a metric"),
        ("SORT(METRICS(), MEDIAN, DESC)", "`MEDIAN` is not a name"),
        ("SUM([m1, m2] + [m1, m2])", "`+` cannot combine two arrays"),
        ("IF(1, 2, 3)", "IF needs a time series among its arguments"),
        ("m1 + REPEAT", "`REPEAT` is not a value"),
        ("SUM([])", "the array is empty"),
        ("(" * 60 + "m1" + ")" * 60, "more than 50 levels"),
        ("5", "the expression returns a number"),
        ("AVG(m1)", "the expression returns a number"),
        ("[m1, m2]", "the expression returns 2 time series; reduce them"),
        ("METRICS()", "the expression returns 4 time series"),
        ("REMOVE_EMPTY(METRICS())", "the expression returns any number of time series"),
        ("SUM(SEARCH('{AWS/SQS}', 'Sum', 60))", "SEARCH is not supported on Metric Alarms"),
        ("ANOMALY_DETECTION_BAND(m1)", "ANOMALY_DETECTION_BAND is not supported"),
        ("m1 > LAST(ANOMALY_DETECTION_BAND(m1))", "at character 11: ANOMALY_DETECTION_BAND"),
    ],
)
def test_what_cloudwatch_refuses_says_where_and_what_is_allowed(text: str, complaint: str) -> None:
    assert complaint in refusal(text)


def test_metrics_of_one_is_one_series() -> None:
    check_single_series(check_expression("METRICS()", {"only": SERIES}, ["only"]))
    check_single_series(check_expression('METRICS("m2")', dict.fromkeys(METRICS, SERIES), METRICS))


def test_long_sums_are_read_and_checked() -> None:
    text = "m1" + "+m1" * 600
    assert returned(text) == SERIES
    assert functions_in(parse(f"SUM([m1]) + {text}")) == {"SUM": 0}


@given(st.text(alphabet="m12+-*/^()[],<>=!&|\"' .AVGSUMIFLRET", max_size=60))
def test_any_text_is_read_or_refused_with_a_position(text: str) -> None:
    with suppress(ExpressionError):
        returned(text)
        return
    assert refusal(text).startswith("at character ")


_operands = st.sampled_from(["m1", "m2", "7", "0.5", "ABS(m1)", "SUM([m1, m2])"])
_expressions = st.recursive(
    _operands,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "^", ">=", "AND", "||"]), inner).map(
            " ".join
        ),
        inner.map(lambda each: f"({each})"),
        inner.map(lambda each: f"-{each}"),
        st.tuples(inner, inner).map(lambda two: f"IF(m1, {two[0]}, {two[1]})"),
    ),
    max_leaves=12,
)


@given(_expressions)
def test_every_expression_of_the_grammar_is_read(text: str) -> None:
    assert returned(text) in (SERIES, SCALAR)
