"""A second PutMetricFilter for one filter.

AWS: PutMetricFilter updates the filter that the log group has under that name.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html

moto: adds a second filter of the same name.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.logs.metric_filters import MetricFilters


def close() -> None:
    """Replace a filter of the same name."""
    original = MetricFilters.add_filter
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def add_filter(
        self: MetricFilters,
        filter_name: str,
        filter_pattern: str,
        log_group_name: str,
        metric_transformations: Any,
    ) -> None:
        self.delete_filter(filter_name, log_group_name)
        original(self, filter_name, filter_pattern, log_group_name, metric_transformations)

    MetricFilters.add_filter = add_filter  # type: ignore[method-assign]
