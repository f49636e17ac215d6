"""AWS's refusals of a plan's requests, found before any is sent."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ops.aws.client import Aws
from ops.aws.constraints import Request
from ops.control.alarms import metric_alarm_refusals
from ops.control.logs import filter_refusals, query_refusals
from ops.control.scaling import policy_refusals

_RULES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "PutMetricAlarm": metric_alarm_refusals,
    "PutMetricFilter": filter_refusals,
    "PutQueryDefinition": query_refusals,
    "PutScalingPolicy": policy_refusals,
}


def refusals(requests: Iterable[Request], aws: Aws) -> list[str]:
    """Return why AWS would refuse these requests; this makes no call."""
    reasons: list[str] = []
    for request in requests:
        problems = aws.refusals(request)
        rules = _RULES.get(request.operation)
        reasons += problems or (list(rules(request.parameters)) if rules else [])
    return reasons
