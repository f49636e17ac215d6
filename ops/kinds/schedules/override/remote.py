"""An override in Application Auto Scaling and CloudWatch."""

from collections.abc import Mapping, Sequence
from typing import Any

from ops.aws.access import SCALES_ECS, Access
from ops.aws.client import Aws, side_by_side, unless_gone
from ops.base.errors import OpsError
from ops.copilot.place import EnvironmentPlace
from ops.kinds.schedules.muting import as_text
from ops.kinds.schedules.names import action_key, own_name, service_of
from ops.kinds.schedules.override.shift import PutOff, Shift
from ops.kinds.schedules.rules.remote import Rules
from ops.plan.model import Json

ACTIONS = Access(
    "application-autoscaling",
    reads=("DescribeScheduledActions",),
    writes=("PutScheduledAction", "DeleteScheduledAction"),
    implied=SCALES_ECS,
)

_ACTION = ("Schedule", "Timezone", "ScalableTargetAction", "EndTime")
_RULE = ("Description", "Rule", "MuteTargets", "ExpireDate")


class Overrides:
    """The overrides of one environment."""

    def __init__(self, aws: Aws, place: EnvironmentPlace) -> None:
        self._place = place
        self._services = {each.service: each for each in place.services}
        self._actions = aws.client(ACTIONS)
        self._rules = Rules(aws, place)

    def put(self, shift: Shift) -> None:
        """Set the new end before removing the old one, so that one of them is always in force."""
        current = self._current(shift)
        self._put_once(shift.once)
        for each in shift.put_off:
            self._begin(each, current[each.name])

    def clear(self, shift: Shift) -> None:
        """Restore the regular end before removing the override."""
        current = self._current(shift)
        for each in shift.put_off:
            self._begin(each, current[each.name])
        for name in shift.once:
            self._delete(name)

    def check_comes_up(self, names: Sequence[str]) -> None:
        """Raise OpsError if one of these actions, which start services, is missing."""
        found = side_by_side(self._read, names)
        for name, action in zip(names, found, strict=True):
            if action is None:
                raise OpsError(
                    f"Nothing was changed: `{service_of(name)}` would stay down, because "
                    f"`{own_name(name)}` is declared but does not exist",
                    f"Run `ops schedules sync --env {self._place.environment}` first.",
                )

    def mute(self, rules: Mapping[str, Mapping[str, Json]]) -> None:
        """Put mute rules."""
        self._put_once(rules)

    def unmute(self, rules: Mapping[str, Mapping[str, Json]]) -> None:
        """Remove mute rules, if they are there."""
        for name in rules:
            self._delete(name)

    def _current(self, shift: Shift) -> dict[str, Mapping[str, Any]]:
        """Return what is in force for an evening. Raise OpsError if a part is missing."""
        found = {each.name: self._read(each.name) for each in shift.put_off}
        missing = [name for name, each in found.items() if each is None]
        if missing:
            raise OpsError(
                f"Nothing was changed: `{missing[0]}` is declared but does not exist",
                f"Run `ops schedules sync --env {self._place.environment}` first.",
            )
        return {name: each for name, each in found.items() if each is not None}

    def _read(self, name: str) -> Mapping[str, Any] | None:
        if service_of(name) is None:
            rule = self._rules.get(name)
            return rule and {key: rule[key] for key in _RULE if rule.get(key)}
        key = action_key(self._services, name)
        found = self._actions.describe_scheduled_actions(
            ScheduledActionNames=[key.pop("ScheduledActionName")], **key
        )["ScheduledActions"]
        return {key: found[0][key] for key in _ACTION if found[0].get(key)} if found else None

    def _begin(self, put_off: PutOff, current: Mapping[str, Any]) -> None:
        start = "StartDate" if service_of(put_off.name) is None else "StartTime"
        begin = {} if put_off.start is None else {start: as_text(put_off.start)}
        self._put(put_off.name, {**current, **begin})

    def _put_once(self, resources: Mapping[str, Mapping[str, Json]]) -> None:
        for name, declared in resources.items():
            properties = {key: value for key, value in declared.items() if value is not None}
            if service_of(name) is None:
                self._rules.put_for_once(name, properties)
            else:
                self._put(name, properties)

    def _put(self, name: str, properties: Mapping[str, Any]) -> None:
        if service_of(name) is None:
            self._rules.put(name, properties)
        else:
            self._actions.put_scheduled_action(**action_key(self._services, name), **properties)

    def _delete(self, name: str) -> None:
        if service_of(name) is None:
            self._rules.delete(name)
        else:
            with unless_gone():
                self._actions.delete_scheduled_action(**action_key(self._services, name))
