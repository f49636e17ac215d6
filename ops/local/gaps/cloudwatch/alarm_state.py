"""The state of an alarm before its first evaluation.

AWS: an alarm begins as INSUFFICIENT_DATA, and keeps its state when it is put again.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html

moto: it begins as OK.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

_UNKNOWN = "INSUFFICIENT_DATA"
_UNCHECKED = "Unchecked: Initial alarm creation"


def close() -> None:
    """Create alarms as INSUFFICIENT_DATA."""
    original = CloudWatchBackend.put_metric_alarm
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def put_metric_alarm(self: CloudWatchBackend, *args: Any, **kwargs: Any) -> Any:
        before = self.alarms.get(kwargs["name"])
        alarm = original(self, *args, **kwargs)
        alarm.state_value = _UNKNOWN if before is None else before.state_value
        alarm.state_reason = _UNCHECKED if before is None else before.state_reason
        return alarm

    CloudWatchBackend.put_metric_alarm = put_metric_alarm  # type: ignore[method-assign]
