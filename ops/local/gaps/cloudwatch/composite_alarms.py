"""Composite alarms.

AWS: PutCompositeAlarm refuses a rule with an alarm that does not exist, and DeleteAlarms an alarm
that a rule or a suppressor names. DescribeAlarms returns them if AlarmTypes includes them.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
The messages of the refusals: https://github.com/awsdocs/aws-cloudformation-user-guide/issues/911
and https://github.com/cloud-custodian/cloud-custodian/issues/7763

moto: there is no PutCompositeAlarm, AlarmTypes is ignored, and any alarm can be deleted.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

_NAMED = re.compile(r"\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*\"?([^\"()]+?)\"?\s*\)")
_SUPPRESSION = {
    "ActionsSuppressor": "actions_suppressor",
    "ActionsSuppressorWaitPeriod": "actions_suppressor_wait_period",
    "ActionsSuppressorExtensionPeriod": "actions_suppressor_extension_period",
}


def _parts(rule: str, suppressor: str | None) -> set[str]:
    """Return the names of alarms that are given by name or ARN."""
    named = [*_NAMED.findall(rule), *([suppressor] if suppressor else [])]
    return {name_or_arn.rsplit(":alarm:", 1)[-1] for name_or_arn in named}


def _put_composite_alarm(self: CloudWatchResponse) -> Any:
    backend, rule = self.cloudwatch_backend, self._get_param("AlarmRule")
    missing = _parts(rule, self._get_param("ActionsSuppressor")) - backend.alarms.keys()
    if missing:
        raise ValidationError(
            "Could not save the composite alarm as alarms "
            f"[{', '.join(sorted(missing))}] in the alarm rule do not exist"
        )
    is_new = self._get_param("AlarmName") not in backend.alarms
    unused: dict[str, Any] = dict.fromkeys(
        ("namespace", "metric_name", "comparison_operator", "evaluation_periods", "period")
    )
    alarm: Any = backend.put_metric_alarm(
        **unused,
        name=self._get_param("AlarmName"),
        threshold=0,
        statistic="",
        dimensions=[],
        rule=rule,
        description=self._get_param("AlarmDescription"),
        actions_enabled=self._get_bool_param("ActionsEnabled", if_none=True),
        alarm_actions=self._get_param("AlarmActions", []),
        ok_actions=self._get_param("OKActions", []),
        insufficient_data_actions=self._get_param("InsufficientDataActions", []),
        tags=self._get_param("Tags", []) if is_new else [],
    )
    alarm.alarm_rule = rule
    for parameter, attribute in _SUPPRESSION.items():
        setattr(alarm, attribute, self._get_param(parameter))
    return EmptyResult()


def close() -> None:
    """Accept composite alarms, and protect the alarms that they use."""
    original_delete = CloudWatchBackend.delete_alarms
    original_describe = CloudWatchResponse.describe_alarms
    if hasattr(original_delete, "__wrapped__"):
        return

    @functools.wraps(original_delete)
    def delete_alarms(self: CloudWatchBackend, alarm_names: list[str]) -> None:
        others = [alarm for name, alarm in self.alarms.items() if name not in alarm_names]
        needed = {
            part
            for alarm in others
            if alarm.rule is not None
            for part in _parts(alarm.rule, getattr(alarm, "actions_suppressor", None))
        }
        if held := sorted(needed.intersection(alarm_names)):
            raise ValidationError(
                f"Cannot delete {','.join(held)} as there are composite alarm(s) depending on it."
            )
        original_delete(self, alarm_names)

    @functools.wraps(original_describe)
    def describe_alarms(self: CloudWatchResponse) -> Any:
        types = self._get_param("AlarmTypes", []) or ["MetricAlarm"]
        answer: Any = original_describe(self).result
        kinds = {"MetricAlarms": "MetricAlarm", "CompositeAlarms": "CompositeAlarm"}
        return ActionResult(
            {key: answer[key] if kind in types else [] for key, kind in kinds.items()}
        )

    CloudWatchResponse.put_composite_alarm = _put_composite_alarm  # type: ignore[attr-defined]
    CloudWatchResponse.describe_alarms = describe_alarms  # type: ignore[method-assign]
    CloudWatchBackend.delete_alarms = delete_alarms  # type: ignore[method-assign]
