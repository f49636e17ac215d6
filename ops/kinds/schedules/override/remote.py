"""An override in Application Auto Scaling and CloudWatch."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.aws.autoscaling.remote import AutoScaling, action_request, scaling_access
from ops.aws.client import Aws, side_by_side
from ops.base.errors import OpsError
from ops.base.words import timestamp
from ops.copilot.place import EnvironmentPlace
from ops.kinds.plan_names import own_name, service_of
from ops.kinds.schedules.names import Type, type_of
from ops.kinds.schedules.override.shift import PutOff, Shift
from ops.kinds.schedules.resources.cloudwatch import Rules
from ops.plan.model import Json

ACTIONS = scaling_access(
    reads=("DescribeScheduledActions",), writes=("PutScheduledAction", "DeleteScheduledAction")
)

_RULE = ("Description", "Rule", "MuteTargets", "ExpireDate")


class Overrides:
    """The overrides of one environment."""

    def __init__(self, aws: Aws, place: EnvironmentPlace) -> None:
        self._place = place
        self._target_ids = {service.service: service.stack.target_id for service in place.services}
        self._scaling = AutoScaling(aws, ACTIONS)
        self._rules = Rules(aws, place)

    def put(self, shift: Shift) -> None:
        """Set the new end before removing the old one, so that one of them is always in force."""
        current = self._current(shift)
        self._put_once(shift.once)
        for put_off in shift.put_off:
            self._begin(put_off, current[put_off.name])

    def clear(self, shift: Shift) -> None:
        """Restore the regular end before removing the override."""
        current = self._current(shift)
        for put_off in shift.put_off:
            self._begin(put_off, current[put_off.name])
        for name in shift.once:
            self._delete(name)

    def check_comes_up(self, names: Sequence[str]) -> None:
        """Raise OpsError if one of these actions, which start services, is missing."""
        actions = self._actions(names)
        for name in names:
            if name not in actions:
                raise OpsError(
                    f"Nothing was changed: `{service_of(name)}` would stay down, because "
                    f"`{own_name(name)}` is declared but does not exist",
                    f"Run `ops schedules sync --env {self._place.environment}` first.",
                )

    def mute(self, rules: Mapping[str, Mapping[str, Json]]) -> None:
        """Put mute rules."""
        self._put_once(rules)

    def unmute(self, rules: Mapping[str, Mapping[str, Json]]) -> None:
        """Remove the mute rules that exist."""
        for name in rules:
            self._delete(name)

    def _current(self, shift: Shift) -> dict[str, Mapping[str, Any]]:
        """Return an evening's current actions and rules, without start times.

        Raise OpsError if a part is missing.
        """
        names = [put_off.name for put_off in shift.put_off]
        rules = [name for name in names if type_of(name) is Type.MUTE_RULE]
        current = {**self._actions(names)}
        for name, rule in zip(rules, side_by_side(self._rules.get, rules), strict=True):
            if rule is not None:
                current[name] = {key: rule[key] for key in _RULE if rule.get(key)}
        missing = [name for name in names if name not in current]
        if missing:
            raise OpsError(
                f"Nothing was changed: `{missing[0]}` is declared but does not exist",
                f"Run `ops schedules sync --env {self._place.environment}` first.",
            )
        return current

    def _actions(self, names: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """Return the existing ones of the given actions, without start times."""
        services = {service_of(name) for name in names}
        by_id = {
            target_id: service
            for service, target_id in self._target_ids.items()
            if service in services
        }
        actions = {
            f"{by_id[action.resource_id]}/{action.name}": {**action.properties, "StartTime": None}
            for action in self._scaling.actions(by_id)
        }
        return {
            name: {key: value for key, value in actions[name].items() if value is not None}
            for name in names
            if name in actions
        }

    def _begin(self, put_off: PutOff, current: Mapping[str, Any]) -> None:
        start = "StartDate" if service_of(put_off.name) is None else "StartTime"
        begin = {} if put_off.start is None else {start: timestamp(put_off.start)}
        self._put(put_off.name, {**current, **begin})

    def _put_once(self, resources: Mapping[str, Mapping[str, Json]]) -> None:
        for name, declared in resources.items():
            properties = {key: value for key, value in declared.items() if value is not None}
            if type_of(name) is Type.MUTE_RULE:
                self._rules.put_for_once(name, properties)
            else:
                self._put(name, properties)

    def _put(self, name: str, properties: Mapping[str, Any]) -> None:
        if (service := service_of(name)) is None:
            self._rules.put(name, properties)
        else:
            target_id = self._target_ids[service]
            self._scaling.put_action(action_request(target_id, own_name(name), properties))

    def _delete(self, name: str) -> None:
        if (service := service_of(name)) is None:
            self._rules.delete(name)
        else:
            self._scaling.delete_action(self._target_ids[service], own_name(name))
