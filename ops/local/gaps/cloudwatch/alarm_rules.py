"""Alarms that fit their service model and that CloudWatch refuses all the same.

AWS: expressions that are no metric math or return more or less than one time series, unknown
statistics, other periods than 10, 20, 30 seconds or whole minutes, windows of more than a day,
thresholds that are no numbers, rules of composite alarms that cannot be read or name too many.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

moto: it takes them, and an alarm with the wrong statistic too.

Closed by the rules in `ops.control`, which the models of `ops.yml` also apply.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.responses import CloudWatchResponse

from ops.control.alarms import metric_alarm_refusals
from ops.kinds.alarms.rule import Rule
from ops.local.gaps.request_parameters import parameters_of, refuse

if TYPE_CHECKING:
    from collections.abc import Callable


def _of_metric_alarm(parameters: dict[str, Any]) -> list[str]:
    return list(metric_alarm_refusals(parameters))


def _of_composite_alarm(parameters: dict[str, Any]) -> list[str]:
    try:
        problems = Rule.parse(parameters["AlarmRule"]).refusals()
        return [f"The alarm rule {problem}" for problem in problems]
    except ValueError as error:
        return [f"The alarm rule {error}"]


def _checked(original: Any, reasons: Callable[[dict[str, Any]], list[str]]) -> Any:
    @functools.wraps(original)
    def put(self: CloudWatchResponse) -> Any:
        refuse(self, reasons(parameters_of(self) or {}))
        return original(self)

    put.checks_alarms = True  # type: ignore[attr-defined]
    return put


def close() -> None:
    """Check both kinds of alarm. To be closed after the gap of composite alarms."""
    if hasattr(CloudWatchResponse.put_metric_alarm, "checks_alarms"):
        return
    response: Any = CloudWatchResponse
    response.put_metric_alarm = _checked(response.put_metric_alarm, _of_metric_alarm)
    response.put_composite_alarm = _checked(response.put_composite_alarm, _of_composite_alarm)
