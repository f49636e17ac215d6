"""Alarm mute rules.

AWS: PutAlarmMuteRule stores a rule with tags; the alarms that it names must exist, it lasts from a
minute to fifteen days, and its schedule is `cron(…)` of five fields or `at(…)`.
GetAlarmMuteRule returns it with its status, ListAlarmMuteRules lists summaries,
DeleteAlarmMuteRule succeeds even when there is no such rule.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MuteTargets.html
The error for a missing alarm is not documented: its code and message are ours.

moto: has none of the four calls.

Closed only for storage. A rule mutes nothing here, and a recurring one is never ACTIVE.
"""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.exceptions import ResourceNotFoundException, ValidationError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from ops.control.mute_rules import duration_of, mute_rule_refusals
from ops.local.gaps.requests.parameters import parameters_of, refuse

if TYPE_CHECKING:
    from moto.cloudwatch.models import CloudWatchBackend


def _put(self: CloudWatchResponse) -> EmptyResult:
    refuse(
        self, list(mute_rule_refusals(parameters_of(self) or {}, zoneinfo.available_timezones()))
    )
    backend = self.cloudwatch_backend
    name = self._get_param("Name")
    arn = f"arn:aws:cloudwatch:{self.region}:{self.current_account}:alarm-mute-rule:{name}"
    named = (self._get_param("MuteTargets") or {}).get("AlarmNames", [])
    if missing := sorted(set(named) - backend.alarms.keys()):
        raise ValidationError(f"The alarms [{', '.join(missing)}] do not exist")
    keys = ("Name", "Description", "Rule", "MuteTargets", "StartDate", "ExpireDate")
    given = {key: value for key in keys if (value := self._get_param(key)) is not None}
    for key in given.keys() & {"StartDate", "ExpireDate"}:
        given[key] = given[key].replace(tzinfo=UTC)  # moto reads times without their zone
    is_once = given["Rule"]["Schedule"]["Expression"].startswith("at(")
    _rules(backend)[name] = {
        **given,
        "AlarmMuteRuleArn": arn,
        "LastUpdatedTimestamp": datetime.now(UTC),
        "MuteType": "ONE_TIME" if is_once else "RECURRING",
    }
    if tags := self._get_param("Tags"):
        backend.tagger.tag_resource(arn, tags)
    return EmptyResult()


def _get(self: CloudWatchResponse) -> ActionResult:
    rule = _rules(self.cloudwatch_backend).get(self._get_param("AlarmMuteRuleName"))
    if rule is None:
        raise ResourceNotFoundException
    return ActionResult({**rule, "Status": _status(rule)})


def _list(self: CloudWatchResponse) -> ActionResult:
    keys = ("AlarmMuteRuleArn", "ExpireDate", "MuteType", "LastUpdatedTimestamp")
    summaries = [
        {**{key: rule[key] for key in keys if key in rule}, "Status": _status(rule)}
        for rule in _rules(self.cloudwatch_backend).values()
    ]
    return ActionResult({"AlarmMuteRuleSummaries": summaries})


def _delete(self: CloudWatchResponse) -> EmptyResult:
    _rules(self.cloudwatch_backend).pop(self._get_param("AlarmMuteRuleName"), None)
    return EmptyResult()


def _rules(backend: CloudWatchBackend) -> dict[str, dict[str, Any]]:
    rules: dict[str, dict[str, Any]] = backend.__dict__.setdefault("alarm_mute_rules", {})
    return rules


def _status(rule: dict[str, Any]) -> str:
    now = datetime.now(UTC)
    schedule = rule["Rule"]["Schedule"]
    begins, ends = None, rule.get("ExpireDate")
    if rule["MuteType"] == "ONE_TIME":
        begins = datetime.strptime(schedule["Expression"], "at(%Y-%m-%dT%H:%M)").replace(
            tzinfo=zoneinfo.ZoneInfo(schedule.get("Timezone", "UTC"))
        )
        ends = begins + timedelta(minutes=duration_of(schedule["Duration"]) or 0)
    if ends is not None and ends <= now:
        return "EXPIRED"
    return "ACTIVE" if begins is not None and begins <= now else "SCHEDULED"


def close() -> None:
    """Store alarm mute rules."""
    operations = {
        "put_alarm_mute_rule": _put,
        "get_alarm_mute_rule": _get,
        "list_alarm_mute_rules": _list,
        "delete_alarm_mute_rule": _delete,
    }
    for name, operation in operations.items():
        setattr(CloudWatchResponse, name, operation)
