"""Off-hours in Application Auto Scaling and CloudWatch: the only code that reads or writes them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ops.aws.access import SCALES_ECS, Access
from ops.aws.client import Aws, side_by_side, tags_of, unless_gone
from ops.aws.constraints import Request
from ops.base.errors import OpsError
from ops.base.words import number
from ops.copilot.place import EnvironmentPlace, ServicePlace
from ops.kinds.scaling.targets import of_targets
from ops.kinds.schedules.desired import tasks_of
from ops.kinds.schedules.manual import remote as manual
from ops.kinds.schedules.manual.steps import state_of
from ops.kinds.schedules.muting import STAGE, as_text, is_nightly
from ops.kinds.schedules.names import (
    DIMENSION,
    ONCE,
    PREFIX,
    TARGET,
    action_key,
    is_surplus,
    mute_name,
    own_name,
    resource_id,
    service_of,
    target_key,
    target_name,
)
from ops.kinds.schedules.requests import action_parameters, requests
from ops.kinds.schedules.rules import remote as rules
from ops.plan.model import Create, Delete, Json, Live, Resource, Update
from ops.plan.remote import Trace

_SCALING = Access(
    "application-autoscaling",
    reads=("DescribeScheduledActions", "DescribeScalableTargets", "ListTagsForResource"),
    writes=(
        "PutScheduledAction",
        "DeleteScheduledAction",
        "RegisterScalableTarget",
        "DeregisterScalableTarget",
    ),
    implied=("application-autoscaling:TagResource", "iam:CreateServiceLinkedRole", *SCALES_ECS),
)
# A deletion can bring a service back.
ACCESS = (_SCALING, rules.ACCESS, manual.TASKS, manual.BOUNDS)

_UP = f"{PREFIX}up"  # the last of the actions that bring a service up, and the one without an end
_UTC = "UTC"  # of a schedule without a time zone, in both services
_PUT_OFF = timedelta(days=2)  # by an override, at most: the start of a recurrence; no drift


class Remote:
    """The scalable targets, scheduled actions and mute rules of one environment's off-hours."""

    def __init__(self, aws: Aws, places: Sequence[EnvironmentPlace]) -> None:
        self._place = places[0]
        self._services = {each.service: each for each in self._place.services}
        self._scaling = aws.client(_SCALING)
        self._rules = rules.Rules(aws, self._place)
        self._task_counts = manual.TaskCounts(aws)
        self._arns: dict[str, str] = {}
        self._read: dict[str, list[Live]] = {}  # actions by service
        self._put_off: dict[str, str] = {}  # the starts that an override gave

    def read(self, names: Collection[str]) -> list[Live]:
        """Read with the calls of `of_targets`, one for targets, one for each mute rule."""
        services = sorted({each for name in names if (each := service_of(name)) is not None})
        muting = sorted(name for name in names if service_of(name) is None)
        actions = self._actions_of(services)
        muted = [live for live in side_by_side(self._rule, muting) if live is not None]
        alone = [name for name in services if target_name(name) in names]
        return [
            *self._targets(alone),
            *(live for live in actions if live.name in names),
            *muted,
        ]

    def _targets(self, services: Collection[str]) -> list[Live]:
        if not services:
            return []
        by_id = {resource_id(self._services[name]): name for name in services}
        pages = self._scaling.get_paginator("describe_scalable_targets").paginate(
            ServiceNamespace="ecs", ResourceIds=list(by_id), ScalableDimension=DIMENSION
        )
        found = list[Live]()
        for each in (each for page in pages for each in page["ScalableTargets"]):
            name = target_name(by_id[each["ResourceId"]])
            self._arns[name] = each["ScalableTargetARN"]
            properties: dict[str, Json] = {"ScalableDimension": each["ScalableDimension"]}
            found.append(Live(name, properties, state_of("now", each)))
        return found

    def _actions_of(self, services: Collection[str]) -> list[Live]:
        """Return the scheduled actions of services; each service is read once."""
        unread = [each for each in services if each not in self._read]
        self._read.update({service: [] for service in unread})
        for service, live in self._actions(unread):
            self._read[service].append(live)
        return [live for service in services for live in self._read[service]]

    def _actions(self, services: Collection[str]) -> Iterator[tuple[str, Live]]:
        by_id = {resource_id(self._services[each]): each for each in services}
        pages = self._scaling.get_paginator("describe_scheduled_actions")
        for action in of_targets(pages, "ScheduledActions", by_id):
            service = by_id[action["ResourceId"]]
            yield service, self._action(service, action)

    def _action(self, service: str, action: Mapping[str, Any]) -> Live:
        name = f"{service}/{action['ScheduledActionName']}"
        capacity = action.get("ScalableTargetAction", {})  # others' may have none
        properties: dict[str, Json] = {
            "Schedule": action["Schedule"],
            "Timezone": action.get("Timezone", _UTC),
            "ScalableTargetAction": dict(capacity),
            "StartTime": self._start(name, action.get("StartTime")),
            "EndTime": as_text(action["EndTime"]) if action.get("EndTime") else None,
        }
        return Live(name, properties, state_of(action["Schedule"], capacity), stage=1)

    def _rule(self, name: str) -> Live | None:
        found = self._rules.get(name)
        if found is None:
            return None
        self._arns[name] = found["AlarmMuteRuleArn"]
        schedule = found["Rule"]["Schedule"]
        alarms = sorted(found.get("MuteTargets", {}).get("AlarmNames", []))
        properties: dict[str, Json] = {
            "Description": found.get("Description"),
            "Rule": {"Schedule": {"Timezone": _UTC, **schedule}},
            "MuteTargets": {"AlarmNames": alarms},
            "StartDate": self._start(name, found.get("StartDate")),
            "ExpireDate": as_text(found["ExpireDate"]) if found.get("ExpireDate") else None,
        }
        when = f"{schedule['Expression']} for {schedule['Duration']}"
        state: dict[str, Json] = {"when": when, "what": f"mutes {number(len(alarms), 'alarm')}"}
        return Live(name, properties, state, stage=STAGE)

    def _start(self, name: str, start: datetime | None) -> str | None:
        """Return a start time; None if it has passed, or if an override set it."""
        if start is None or start <= self._place.now:
            return None
        is_daily = own_name(name) in (f"{PREFIX}down", f"{PREFIX}stop")
        if (is_daily or is_nightly(name, self._place)) and start <= self._place.now + _PUT_OFF:
            self._put_off[name] = as_text(start)
            return None
        return as_text(start)

    def inventory(self) -> Collection[str]:
        """Return names with the calls of `of_targets`, one for targets, one for mute rules."""
        names = sorted(self._services)
        actions = self._actions_of(names)
        alone = [name for name in names if self._services[name].stack.scalable_target is None]
        return {
            *(
                live.name
                for live in actions
                if is_surplus(live.name, live.properties, self._place.now)
            ),
            *(live.name for live in self._targets(alone)),
            *(
                name
                for name, status in self._rules.statuses().items()
                if self._is_over(name, status)
            ),
        }

    def shared(self, names: Collection[str]) -> Collection[str]:
        """Return the mute rules, unless actions show that this workspace owns them."""
        if any(own_name(name).startswith(PREFIX) for name in names):
            return ()
        return [name for name in names if service_of(name) is None]

    def _is_over(self, name: str, status: str) -> bool:
        """Return whether it is not an override, or one that has passed."""
        return not name.startswith(self._rule_name(ONCE)) or status == "EXPIRED"

    def _rule_name(self, short_name: str) -> str:
        return mute_name(self._place.application, self._place.environment, short_name)

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Recognise actions by name; targets and mute rules by their tags, one call for each."""
        tagged = [name for name in names if not own_name(name).startswith(PREFIX)]
        ours = side_by_side(self._has_tags, tagged)
        return {
            *(name for name in names if own_name(name).startswith(PREFIX)),
            *(name for name, is_ours in zip(tagged, ours, strict=True) if is_ours),
        }

    def _has_tags(self, name: str) -> bool:
        if service_of(name) is None:
            tags = self._rules.tags(self._arns[name])
        else:
            tags = tags_of(self._scaling.list_tags_for_resource, ResourceARN=self._arns[name])
        return self._place.tags.items() <= tags.items()

    def create(self, change: Create) -> None:
        """Register a target with the manifest's count, or put an action or a rule."""
        if own_name(change.name) == TARGET:
            service = self._services[service_of(change.name) or ""]
            # From none on: to register it must not start a task in the night.
            self._scaling.register_scalable_target(
                **target_key(service),
                MinCapacity=0,
                MaxCapacity=tasks_of(service).most,
                Tags=change.wanted.tags,
            )
        elif service_of(change.name) is None:
            tags = [{"Key": key, "Value": value} for key, value in change.wanted.tags.items()]
            self._rules.put(change.name, {**change.result, "Tags": tags})
        else:
            self._put_action(change.name, change.result)

    def update(self, change: Update) -> None:
        """Put it again, and keep the postponed start of an override."""
        started = self._put_off.get(change.name)
        if service_of(change.name) is None:
            extra = {"StartDate": started} if started else {}
            self._rules.put(change.name, {**change.result, **extra})
        else:
            extra = {"StartTime": started} if started else {}
            self._put_action(change.name, {**change.result, **extra})

    def _put_action(self, name: str, properties: Mapping[str, Json]) -> None:
        self._scaling.put_scheduled_action(**action_parameters(self._services, name, properties))

    def requests(self, wanted: Resource) -> list[Request]:
        """Return those that create a resource."""
        return requests(self._services, wanted)

    def delete(self, change: Delete) -> None:
        """Delete it. A service that nothing would start any more is started first.

        Dependent resources are deleted first: if a run is interrupted, the next one finds the
        resource itself again and repeats these steps.
        """
        service = self._services.get(service_of(change.name) or "")
        if service is None:
            if is_nightly(change.name, self._place):
                self._end_overrides_of_rules()
            self._rules.delete(change.name)
        elif own_name(change.name) == TARGET:
            self._deregister(service)
        else:
            if own_name(change.name) == _UP:
                self._bring_back(service)
            self._delete_action(change.name)

    def _end_overrides_of_rules(self) -> None:
        for name in self._rules.statuses():
            if name.startswith(self._rule_name(ONCE)):
                self._rules.delete(name)

    def _deregister(self, service: ServicePlace) -> None:
        """Deregister a target and so its actions. Raise OpsError if one of them starts the service.

        https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
        """
        if any(own_name(each.name) == _UP for _, each in self._actions([service.service])):
            raise OpsError(
                f"The action that brings `{service.service}` up still exists, and AWS would "
                "delete it with the target",
                "Run the same command again.",
            )
        with unless_gone():
            self._scaling.deregister_scalable_target(**target_key(service))

    def parent(self, name: str) -> str | None:
        """Return the scalable target: Application Auto Scaling refuses concurrent changes to it.

        https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
        """
        service = service_of(name)
        return None if service is None else resource_id(self._services[service])

    def traces(self, name: str) -> list[Trace]:
        """Name an action by its name and target, a target by its own name, a rule by its name."""
        if (service := service_of(name)) is None:
            return [{"name": name}, {"alarmMuteRuleName": name}]
        action = None if own_name(name) == TARGET else own_name(name)
        return [{"resourceId": resource_id(self._services[service]), "scheduledActionName": action}]

    def _bring_back(self, service: ServicePlace) -> None:
        """Start the service, and end an override, which would stop it permanently."""
        for _, live in self._actions([service.service]):
            if own_name(live.name).startswith(PREFIX + ONCE):
                self._delete_action(live.name)
        if service.workload.tasks is not None:
            self._task_counts.set(service, service.workload.tasks)

    def _delete_action(self, name: str) -> None:
        with unless_gone():
            self._scaling.delete_scheduled_action(**action_key(self._services, name))
