"""Requests that CloudWatch Logs refuses, beyond the sizes and patterns of its model. Pure.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.control.log_patterns import PatternError, log_pattern

MOST_DIMENSIONS = 3  # of one metric filter
MOST_GROUPS = 50  # log groups of one saved query


def has_fields(pattern: str) -> bool:
    """Return whether a filter pattern splits log lines into fields, which dimensions require.

    JSON patterns are in braces, patterns of space-delimited lines in brackets:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    return pattern.lstrip().startswith(("{", "["))


def pattern_refusal(pattern: str) -> str | None:
    """Return why CloudWatch Logs cannot read a filter pattern; None if it can."""
    try:
        log_pattern(pattern)
    except PatternError as error:
        return str(error)
    return None


def filter_refusals(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield why a request of PutMetricFilter is refused."""
    if reason := pattern_refusal(request.get("filterPattern", "")):
        yield f"Invalid metric filter pattern: {reason}"
    for metric in request.get("metricTransformations", ()):
        dimensions = metric.get("dimensions") or {}
        if dimensions and not has_fields(request.get("filterPattern", "")):
            yield "The specified filter pattern does not support dimensions"
        if dimensions and metric.get("defaultValue") is not None:
            yield "A metric transformation has either dimensions or a default value"
        if len(dimensions) > MOST_DIMENSIONS:
            yield f"A metric filter has at most {MOST_DIMENSIONS} dimensions"


def query_refusals(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield why a request of PutQueryDefinition is refused."""
    if len(request.get("logGroupNames") or ()) > MOST_GROUPS:
        yield f"A query has at most {MOST_GROUPS} log groups"
