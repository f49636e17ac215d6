"""Pages of alarms.

AWS: DescribeAlarms returns at most MaxRecords alarms (100 at most), metric and composite alarms
together, and a NextToken if there are more. The default of MaxRecords is not documented; here it is
100.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html

moto: MaxRecords and NextToken are ignored, and all alarms returned at once.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

_MOST = 100


def close() -> None:
    """Return alarms page by page. Close the gap of composite alarms first."""
    original = CloudWatchResponse.describe_alarms
    if hasattr(original, "__paged__"):
        return

    @functools.wraps(original)
    def describe_alarms(self: CloudWatchResponse) -> Any:
        answer: Any = original(self).result
        everything = [(key, alarm) for key, alarms in answer.items() for alarm in alarms]
        start = int(self._get_param("NextToken") or 0)
        end = start + min(int(self._get_param("MaxRecords") or _MOST), _MOST)
        page: dict[str, Any] = {key: [] for key in answer}
        for key, alarm in everything[start:end]:
            page[key].append(alarm)
        more = {"NextToken": str(end)} if end < len(everything) else {}
        return ActionResult({**page, **more})

    describe_alarms.__paged__ = True  # type: ignore[attr-defined]
    CloudWatchResponse.describe_alarms = describe_alarms  # type: ignore[method-assign]
