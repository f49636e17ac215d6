"""Metric filters and queries that the service model accepts and CloudWatch Logs refuses.

AWS: "Invalid metric filter pattern" for an unreadable pattern; "The specified filter pattern does
not support dimensions" for a pattern of text; at most three dimensions, and no default with them;
at most 50 log groups of a query.
https://github.com/aws/aws-cdk/issues/16278
https://github.com/hashicorp/terraform-provider-aws/issues/28881
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html

moto: accepts all of them.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from moto.logs.responses import LogsResponse

from ops.control.logs import filter_refusals, query_refusals
from ops.local.gaps.requests.parameters import parameters_of, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def _checked(original: Any, refusals: Callable[[Mapping[str, Any]], Iterator[str]]) -> Any:
    @functools.wraps(original)
    def put(self: LogsResponse) -> Any:
        refuse(self, list(refusals(parameters_of(self) or {})))
        return original(self)

    put.checks_rules = True  # type: ignore[attr-defined]
    return put


def close() -> None:
    """Check requests as CloudWatch Logs does. Close the gap of query definitions first."""
    response: Any = LogsResponse
    if hasattr(response.put_metric_filter, "checks_rules"):
        return
    response.put_metric_filter = _checked(response.put_metric_filter, filter_refusals)
    response.put_query_definition = _checked(response.put_query_definition, query_refusals)
