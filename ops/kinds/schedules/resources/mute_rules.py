"""The alarm mute rules of off-hours."""

from collections.abc import Collection, Mapping
from typing import Any

from ops.aws.client import side_by_side
from ops.aws.constraints import Request
from ops.base.words import number, timestamp
from ops.copilot.place import EnvironmentPlace
from ops.kinds.schedules.muting import STAGE, is_nightly
from ops.kinds.schedules.names import ONCE, mute_name
from ops.kinds.schedules.resources.cloudwatch import Rules
from ops.kinds.schedules.resources.starts import Starts
from ops.plan.model import Create, Delete, Json, Live, Resource, Update
from ops.plan.remote import Trace

_UTC = "UTC"  # of a schedule without a time zone


class MuteRules:
    """The alarm mute rules of one environment."""

    def __init__(self, rules: Rules, place: EnvironmentPlace) -> None:
        self._rules = rules
        self._place = place
        self._arns: dict[str, str] = {}
        self._starts = Starts(place)

    def read(self, names: Collection[str]) -> list[Live]:
        """Read rules: one call for each."""
        answers = side_by_side(self._rules.get, sorted(names))
        return [
            self._live(name, answer)
            for name, answer in zip(sorted(names), answers, strict=True)
            if answer is not None
        ]

    def _live(self, name: str, answer: Mapping[str, Any]) -> Live:
        self._arns[name] = answer["AlarmMuteRuleArn"]
        schedule = answer["Rule"]["Schedule"]
        alarms = sorted(answer.get("MuteTargets", {}).get("AlarmNames", []))
        expires = answer.get("ExpireDate")
        properties: dict[str, Json] = {
            "Description": answer.get("Description"),
            "Rule": {"Schedule": {"Timezone": _UTC, **schedule}},
            "MuteTargets": {"AlarmNames": alarms},
            "StartDate": self._starts.declared(name, answer.get("StartDate")),
            "ExpireDate": timestamp(expires) if expires else None,
        }
        when = f"{schedule['Expression']} for {schedule['Duration']}"
        state: dict[str, Json] = {"when": when, "what": f"mutes {number(len(alarms), 'alarm')}"}
        return Live(name, properties, state, stage=STAGE)

    def inventory(self) -> list[str]:
        """Return the rules with our naming scheme, without overrides that are still to come."""
        return [
            name
            for name, status in self._rules.statuses().items()
            if not self._is_override(name) or status == "EXPIRED"
        ]

    def _is_override(self, name: str) -> bool:
        place = self._place
        return name.startswith(mute_name(place.application, place.environment, ONCE))

    def owned(self, names: Collection[str]) -> list[str]:
        """Return the rules with our tags: one call for each."""
        tags = side_by_side(lambda name: self._rules.tags(self._arns[name]), names)
        ours = self._place.tags.items()
        return [
            name
            for name, tags_of_rule in zip(names, tags, strict=True)
            if ours <= tags_of_rule.items()
        ]

    def requests(self, resource: Resource) -> list[Request]:
        """Return the request that puts a rule."""
        parameters = {"Name": resource.name, **Create(resource).result}
        return [Request("cloudwatch", "PutAlarmMuteRule", parameters)]

    def create(self, change: Create) -> None:
        """Put a rule with its tags."""
        tags = [{"Key": key, "Value": value} for key, value in change.wanted.tags.items()]
        self._rules.put(change.name, {**change.result, "Tags": tags})

    def update(self, change: Update) -> None:
        """Put a rule again, and keep the postponed start of an override."""
        kept = self._starts.kept(change.name, "StartDate")
        self._rules.put(change.name, {**change.result, **kept})

    def delete(self, change: Delete) -> None:
        """Delete a rule. Overrides are deleted before the nightly rule that they postpone."""
        if is_nightly(change.name, self._place):
            for name in filter(self._is_override, self._rules.statuses()):
                self._rules.delete(name)
        self._rules.delete(change.name)

    def traces(self, name: str) -> list[Trace]:
        """Return the parameters that name a rule; they differ between calls."""
        return [{"name": name}, {"alarmMuteRuleName": name}]
