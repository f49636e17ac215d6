"""Requests that CloudWatch refuses, beyond the sizes and patterns of its service model. Pure.

Requests are those of PutMetricAlarm and PutCompositeAlarm, by AWS's own names:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.control.expression import ExpressionError, fail, parse
from ops.control.functions import SERIES, Result, Series, SeriesArray
from ops.control.result import functions_in, result_of
from ops.control.statistic import EXAMPLES, is_extended, is_statistic

MOST_METRICS = MOST_EXPRESSIONS = 10  # of one alarm
MOST_CHILDREN = 100  # alarms that a composite alarm's rule names
MOST_ELEMENTS = 500  # these, TRUE, FALSE and brackets
SHORT_PERIODS = (10, 20, 30)  # seconds; other periods are whole minutes
_HOUR, _DAY = 3600, 86400
_ID = re.compile(r"[a-z][A-Za-z0-9_]*")
_STATIC = {
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
}
_MISSING_DATA = {"breaching", "notBreaching", "ignore", "missing"}
_SINGLE_METRIC_FIELDS = (
    "Namespace",
    "Dimensions",
    "Period",
    "Unit",
    "Statistic",
    "ExtendedStatistic",
)

Request = Mapping[str, Any]


def is_period(seconds: int) -> bool:
    """Return whether an alarm can have this period."""
    return seconds in SHORT_PERIODS or (seconds > 0 and seconds % 60 == 0)


def longest_window(period: int) -> int:
    """Return the longest window of an alarm with this period, in seconds."""
    return _DAY if period < _HOUR else 7 * _DAY


def is_dimension_part(text: str) -> bool:
    """Return whether a dimension's name or value has allowed characters.

    ASCII without control characters, not blank:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
    """
    return bool(re.fullmatch(r"[\x20-\x7e]*", text)) and bool(text.strip())


def check_expression(text: str, known: Mapping[str, Result], metrics: Sequence[str]) -> Result:
    """Return what an alarm's expression returns. Raise ExpressionError if CloudWatch refuses it.

    An alarm takes neither SEARCH nor, with a threshold of its own, ANOMALY_DETECTION_BAND.
    "SEARCH is not supported on Metric Alarms" is CloudWatch's answer:
    https://github.com/RoboFinSystems/robosystems/pull/1131
    """
    node = parse(text)
    for name, at in functions_in(node).items():
        if name == "SEARCH":
            fail(at, "SEARCH is not supported on Metric Alarms")
        if name == "ANOMALY_DETECTION_BAND":
            fail(at, "ANOMALY_DETECTION_BAND is not supported on alarms with a threshold")
    return result_of(node, known, metrics)


def check_single_series(result: Result) -> None:
    """Raise ExpressionError unless an alarm can watch the result: one time series."""
    if isinstance(result, Series) or result == SeriesArray(1):
        return
    if isinstance(result, SeriesArray):
        how_many = "any number of" if result.size is None else str(result.size)
        what = f"{how_many} time series; reduce them, for example by SUM(…) or MAX(…)"
    else:
        what = "a number; an alarm watches a time series, such as `m1 - AVG(m1)`"
    raise ExpressionError(f"the expression returns {what}")


def metric_alarm_refusals(request: Request) -> Iterator[str]:
    """Yield why CloudWatch refuses a request of PutMetricAlarm."""
    if "EvaluationCriteria" in request:  # PromQL
        return
    sources = [name for name in ("MetricName", "Metrics") if request.get(name)]
    if len(sources) != 1:
        yield "Exactly one of MetricName, Metrics and EvaluationCriteria must be set"
        return
    yield from _common(request)
    if sources == ["MetricName"]:
        yield from _one_metric(request)
    else:
        yield from _several(request)


def _common(request: Request) -> Iterator[str]:
    for name in ("ComparisonOperator", "EvaluationPeriods"):
        if name not in request:
            yield f"{name} must not be null"
    band = "ThresholdMetricId" in request
    if not band and "Threshold" not in request:
        yield "Threshold must not be null"
    if not band and request.get("ComparisonOperator", "") not in _STATIC | {""}:
        yield f"{request['ComparisonOperator']} is only for alarms with a ThresholdMetricId"
    if not math.isfinite(request.get("Threshold", 0)):
        yield "Threshold must be a finite number"
    if request.get("DatapointsToAlarm", 0) > request.get("EvaluationPeriods", math.inf):
        yield "DatapointsToAlarm must not be more than EvaluationPeriods"
    if request.get("TreatMissingData", "missing") not in _MISSING_DATA:
        yield f"TreatMissingData must be one of {', '.join(sorted(_MISSING_DATA))}"
    if request.get("EvaluateLowSampleCountPercentile", "ignore") not in ("evaluate", "ignore"):
        yield "EvaluateLowSampleCountPercentile must be evaluate or ignore"


def _one_metric(request: Request) -> Iterator[str]:
    for name in ("Namespace", "Period"):
        if name not in request:
            yield f"{name} must not be null"
    if ("Statistic" in request) is ("ExtendedStatistic" in request):
        yield "Exactly one of Statistic and ExtendedStatistic must be set"
    statistic = request.get("ExtendedStatistic")
    if statistic is not None and not is_extended(statistic):
        yield f"The value {statistic} for parameter ExtendedStatistic is not supported"
    yield from _dimensions(request.get("Dimensions", ()))
    yield from _window(request.get("Period", 60), request)


def _window(period: int, request: Request) -> Iterator[str]:
    if not is_period(period):
        yield f"The period {period} is invalid: it must be 10, 20, 30 or a multiple of 60"
    elif period * request.get("EvaluationPeriods", 1) > longest_window(period):
        yield (
            f"Metrics cannot be checked across more than {longest_window(period)} seconds "
            "(EvaluationPeriods * Period)"
        )


def _dimensions(dimensions: Sequence[Mapping[str, str]]) -> Iterator[str]:
    names = [dimension["Name"] for dimension in dimensions]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"The dimension {name} is given twice"
    for text in (pair[part] for pair in dimensions for part in ("Name", "Value")):
        if not is_dimension_part(text):
            yield f"The dimension's {text!r} must be ASCII without control characters, not blank"
    if any(name.startswith(":") for name in names):
        yield "A dimension's name must not begin with a colon"


def _several(request: Request) -> Iterator[str]:
    for name in _SINGLE_METRIC_FIELDS:
        if request.get(name):
            yield f"{name} should not be set if list of Metrics is set"
    queries: Sequence[Request] = request["Metrics"]
    ids = [query["Id"] for query in queries]
    for name in sorted({name for name in ids if ids.count(name) > 1 or not _ID.fullmatch(name)}):
        yield f"The Id {name} is given twice, or does not begin with a small letter"
    metrics = [query for query in queries if "MetricStat" in query]
    expressions = [query for query in queries if "Expression" in query]
    if len(metrics) + len(expressions) != len(queries):
        yield "Each of Metrics must have either a MetricStat or an Expression"
    if len(metrics) > MOST_METRICS or len(expressions) > MOST_EXPRESSIONS:
        yield f"Metrics has at most {MOST_METRICS} metrics and {MOST_EXPRESSIONS} expressions"
    band = request.get("ThresholdMetricId")
    returned = [query for query in queries if query.get("ReturnData", True) and query["Id"] != band]
    if len(returned) != 1:
        yield f"Exactly one element of Metrics must return data, not {len(returned)}"
    yield from _metrics(metrics, request)
    if band is None and not any(map(_is_query, expressions)):
        yield from _expressions(metrics, expressions, returned)


def _is_query(query: Request) -> bool:
    """Return whether an expression is a Metrics Insights query, which is SQL and no metric math."""
    return str(query["Expression"]).lstrip().upper().startswith("SELECT")


def _metrics(metrics: Sequence[Request], request: Request) -> Iterator[str]:
    for query in metrics:
        stat = query["MetricStat"]
        if not is_statistic(stat["Stat"]):
            yield (
                f"The value {stat['Stat']} for parameter Stat is not supported; there are "
                f"{EXAMPLES}"
            )
        yield from _dimensions(stat["Metric"].get("Dimensions", ()))
    periods = sorted({query["MetricStat"]["Period"] for query in metrics})
    if len(periods) > 1:
        yield f"All metrics must have one period, not {', '.join(map(str, periods))}"
    for period in periods:
        yield from _window(period, request)


def _expressions(
    metrics: Sequence[Request], expressions: Sequence[Request], returned: Sequence[Request]
) -> Iterator[str]:
    """Yield why expressions are refused. An expression is checked after the ones that it
    refers to.
    """
    names = [query["Id"] for query in metrics]
    known: dict[str, Result] = dict.fromkeys(names, SERIES)
    unchecked = list(expressions)
    while unchecked:
        # If all of them name an unchecked one, the error of the first says what is missing.
        ready = (query for query in unchecked if not _names(query) & _ids(unchecked))
        query = next(ready, unchecked[0])
        unchecked.remove(query)
        try:
            known[query["Id"]] = check_expression(query["Expression"], known, names)
            if query in returned:
                check_single_series(known[query["Id"]])
        except ExpressionError as error:
            yield f"Error in expression '{query['Id']}': {error}"
            return


def _ids(queries: Sequence[Request]) -> set[str]:
    return {query["Id"] for query in queries}


def _names(query: Request) -> set[str]:
    return set(_ID.findall(query["Expression"]))


def composite_alarm_refusals(children: Sequence[str], elements: int) -> Iterator[str]:
    """Yield why CloudWatch refuses the size of a composite alarm's rule."""
    if len(set(children)) > MOST_CHILDREN:
        yield f"names {len(set(children))} alarms; CloudWatch takes {MOST_CHILDREN}"
    if elements > MOST_ELEMENTS:
        yield f"has {elements} alarms, constants and brackets; CloudWatch takes {MOST_ELEMENTS}"
