"""Alarm mute rules in CloudWatch: the only code of off-hours that reads and writes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.alarms import describe_alarms
from ops.aws.client import Aws, code_of, tags_of, unless_gone
from ops.base.errors import OpsError
from ops.copilot.place import EnvironmentPlace
from ops.kinds.schedules.names import mute_name

ACCESS = Access(
    "cloudwatch",
    reads=("DescribeAlarms", "GetAlarmMuteRule", "ListAlarmMuteRules", "ListTagsForResource"),
    writes=("PutAlarmMuteRule", "DeleteAlarmMuteRule"),
    implied=("cloudwatch:TagResource",),
)
_NAMED = 3  # of the alarms that are missing; the rest is counted


class Rules:
    """The mute rules of one environment.

    The alarms that a rule names must exist:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MuteTargets.html
    """

    def __init__(self, aws: Aws, place: EnvironmentPlace) -> None:
        self._place = place
        self._client = aws.client(ACCESS)

    def get(self, name: str) -> Mapping[str, Any] | None:
        """Return the answer of GetAlarmMuteRule, or None if there is no such rule."""
        try:
            rule: Mapping[str, Any] = self._client.get_alarm_mute_rule(AlarmMuteRuleName=name)
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            return None
        return rule

    def statuses(self) -> dict[str, str]:
        """Return the names of all rules with our naming scheme, with their status."""
        pages = self._client.get_paginator("list_alarm_mute_rules").paginate()
        statuses = {
            summary["AlarmMuteRuleArn"].split(":alarm-mute-rule:", 1)[1]: summary["Status"]
            for page in pages
            for summary in page["AlarmMuteRuleSummaries"]
        }
        ours = mute_name(self._place.application, self._place.environment, "")
        return {name: status for name, status in statuses.items() if name.startswith(ours)}

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a rule."""
        return tags_of(self._client.list_tags_for_resource, ResourceARN=arn)

    def put(self, name: str, properties: Mapping[str, Any]) -> None:
        """Call PutAlarmMuteRule. Raise OpsError if AWS refuses it for alarms that do not exist."""
        try:
            self._client.put_alarm_mute_rule(Name=name, **properties)
        except ClientError as error:
            alarms = properties["MuteTargets"]["AlarmNames"]
            missing = sorted(set(alarms) - set(self._there(alarms)))
            if not missing:
                raise
            more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
            raise OpsError(
                f"It names alarms that do not exist: {', '.join(missing[:_NAMED])}{more}",
                f"Run `ops alarms sync --env {self._place.environment}` first, or `ops sync`, "
                "which does both.",
            ) from error

    def put_for_once(self, name: str, properties: Mapping[str, Any]) -> None:
        """Put a rule with its existing alarms; skip a rule without any existing alarm.

        A manual change in the evening must not wait for a sync of alarms. Two calls before it: one
        for the alarms, one for the rule, which takes tags only if it is new.
        """
        there = self._there(properties["MuteTargets"]["AlarmNames"])
        if not there:
            return
        tags = [{"Key": key, "Value": value} for key, value in self._place.tags.items()]
        new = {} if self.get(name) is not None else {"Tags": tags}
        self.put(name, {**properties, "MuteTargets": {"AlarmNames": there}, **new})

    def _there(self, names: Sequence[str]) -> list[str]:
        """Return which of at most 100 alarms exist: one call."""
        alarms = describe_alarms(self._client, names)
        return sorted(alarm["AlarmName"] for alarm in alarms)

    def delete(self, name: str) -> None:
        """Call DeleteAlarmMuteRule."""
        with unless_gone():
            self._client.delete_alarm_mute_rule(AlarmMuteRuleName=name)
