"""Alarms that the service model accepts and CloudWatch refuses.

AWS: expressions that are not metric math or do not return one time series, unknown statistics,
periods other than 10, 20, 30 seconds or whole minutes, windows of more than a day, thresholds that
are not numbers, rules of composite alarms that are invalid or name too many alarms.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

moto: accepts all of them, and an alarm with the wrong statistic too.

Closed by the rules in `ops.control`, which the models of `ops.yml` also apply.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.responses import CloudWatchResponse

from ops.control.alarms import metric_alarm_refusals
from ops.kinds.alarms.rule import Rule
from ops.local.gaps.requests.parameters import parameters_of, refuse

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
    """Check both types of alarm. Close the gap of composite alarms first."""
    if hasattr(CloudWatchResponse.put_metric_alarm, "checks_alarms"):
        return
    response: Any = CloudWatchResponse
    response.put_metric_alarm = _checked(response.put_metric_alarm, _of_metric_alarm)
    response.put_composite_alarm = _checked(response.put_composite_alarm, _of_composite_alarm)
