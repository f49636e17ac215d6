"""Scaling policies in Application Auto Scaling, and the alarms in CloudWatch that invoke them.

A step policy and its alarm are one resource. The policy is written first and removed last, so an
interrupted run leaves a policy whose alarm differs, which the next plan shows. `minimum` manages
the scheduled minimums.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ops.aws.access import Access
from ops.aws.alarms import describe_alarms
from ops.aws.autoscaling.remote import AutoScaling, policy_request, scaling_access
from ops.aws.autoscaling.values import ScalingPolicy
from ops.aws.client import Aws, side_by_side, tags_of, unless_gone
from ops.aws.constraints import Request
from ops.copilot.place import ServicePlace
from ops.kinds.plan_names import own_name, service_of
from ops.kinds.scaling.desired import (
    ALARM,
    INVOKES,
    MANAGED_BY_SCALING,
    PREFIX,
    alarm_name,
    policy_name,
)
from ops.kinds.scaling.minimum.desired import is_minimum
from ops.kinds.scaling.minimum.remote import Minimums
from ops.kinds.scaling.others.messages import foreign_policies, without_alarms
from ops.kinds.scaling.others.remote import Others
from ops.kinds.scaling.reading import live
from ops.plan.model import Change, Conflict, Create, Delete, Live, Plan, Resource, Update
from ops.plan.remote import Trace

POLICIES = scaling_access(
    reads=("DescribeScalingPolicies", "DescribeScalableTargets", "DescribeScheduledActions"),
    writes=(
        "PutScalingPolicy",
        "DeleteScalingPolicy",
        "PutScheduledAction",
        "DeleteScheduledAction",
        "RegisterScalableTarget",
    ),
)
ALARMS = Access(
    "cloudwatch",
    reads=("DescribeAlarms", "ListTagsForResource"),
    writes=("PutMetricAlarm", "DeleteAlarms"),
    implied=("cloudwatch:TagResource",),
)

_SERVICE = "copilot-service"
_POLICY = ":scalingPolicy:"  # in the ARN of each
_FOREIGN_ALARM = (
    "needs the alarm `{name}`, which exists and was not created by ops: rename or remove that one"
)


class Remote:
    """The policies on the scalable targets of some services, with their alarms."""

    def __init__(self, aws: Aws, places: Sequence[ServicePlace]) -> None:
        self._aws = aws
        self._places = {place.service: place for place in places}
        self._targets = {
            place.service: place.stack.scalable_target
            for place in places
            if place.stack.scalable_target is not None
        }
        self._scaling = AutoScaling(aws, POLICIES)
        self._cloudwatch = aws.client(ALARMS)
        self._others = Others(self._scaling, places)
        self._minimums = Minimums(self._scaling, places)
        self._policies: dict[str, list[ScalingPolicy]] = {}  # by service
        self._alarms: dict[str, Mapping[str, Any]] = {}  # by name
        self._requested: frozenset[str] = frozenset()  # the names of the last `read`

    def read(self, names: Collection[str]) -> list[Live]:
        """Read policies and minimums, and alarms with one call for each 100."""
        self._requested = frozenset(names)
        policies = self._described(sorted(self._requested_services & self._targets.keys()))
        minimums = [name for name in names if is_minimum(name)]
        others = [name for name in names if not is_minimum(name)]
        # AWS manages the alarms of target tracking. Any other alarm may exist without its policy.
        with_alarm = [
            name for name in others if name not in policies or not policies[name].tracking
        ]
        described = describe_alarms(self._cloudwatch, list(map(self._alarm_of, with_alarm)))
        self._alarms.update({alarm["AlarmName"]: alarm for alarm in described})
        alarms = {name: self._alarms.get(self._alarm_of(name), {}) for name in with_alarm}
        existing = [
            live(name, policies.get(name), alarms.get(name, {}))
            for name in others
            if name in policies or alarms.get(name)
        ]
        return [*existing, *self._minimums.read(minimums)]

    @property
    def _requested_services(self) -> set[str]:
        return {service_of(name) or "" for name in self._requested}

    def _described(self, services: Sequence[str]) -> dict[str, ScalingPolicy]:
        """Return the policies on the services' targets, by name in plans, regardless of owner."""
        unread = {
            self._targets[service]: service for service in services if service not in self._policies
        }
        self._policies |= {service: [] for service in unread.values()}
        for policy in self._scaling.policies(unread):
            self._policies[unread[policy.resource_id]].append(policy)
        return {
            f"{service}/{policy.name}": policy
            for service in services
            for policy in self._policies[service]
        }

    def _alarm_of(self, name: str) -> str:
        place = self._places[service_of(name) or ""]
        return alarm_name(place, own_name(name).removeprefix(PREFIX))

    def inventory(self) -> Collection[str]:
        """Return the names of all policies and minimums, and of policies that only left an alarm.

        CloudFormation deletes policies with their target, but not our alarms.
        """
        policies = self.owned(self._described(sorted(self._targets)))
        return {*policies, *self._left_behind(), *self._minimums.inventory()}

    def _left_behind(self) -> Iterator[str]:
        """Yield the names of the policies that the existing alarms belong to."""
        place = next(iter(self._places.values()))
        shared = {key: value for key, value in place.tags.items() if key != _SERVICE}
        alarms = self._aws.tagged("cloudwatch:alarm", {**shared, **MANAGED_BY_SCALING})
        for arn, tags in alarms.items():
            owner = self._places.get(tags.get(_SERVICE, ""))
            if owner is not None:
                alarm = arn.split(":alarm:", 1)[1]
                yield policy_name(owner, alarm.removeprefix(alarm_name(owner, "")))

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Recognise policies and actions by name: they have no tags."""
        return {name for name in names if own_name(name).startswith(PREFIX)}

    def review(self, plan: Plan) -> Plan:
        """Return the plan with a conflict for each alarm that `ops` did not create.

        One call for the tags of each existing alarm that would be written.
        """
        writes = [
            change
            for change in plan.changes
            if isinstance(change, Create | Update) and ALARM in change.wanted.properties
        ]
        foreign = {
            change.name
            for change, ours in zip(writes, side_by_side(self._may_write, writes), strict=True)
            if not ours
        }

        def reviewed(change: Change) -> Change:
            if change.name not in foreign or not isinstance(change, Create | Update):
                return change
            existing = change.live if isinstance(change, Update) else Live(change.name, {}, {})
            why = _FOREIGN_ALARM.format(name=self._alarm_of(change.name))
            return Conflict(change.wanted, existing, why)

        return replace(plan, changes=tuple(reviewed(change) for change in plan.changes))

    def _may_write(self, change: Create | Update) -> bool:
        return self._is_ours(self._alarms.get(self._alarm_of(change.name)))

    def _is_ours(self, alarm: Mapping[str, Any] | None) -> bool:
        """Return whether an alarm has our tags, or does not exist."""
        if alarm is None:
            return True
        tags = tags_of(self._cloudwatch.list_tags_for_resource, ResourceARN=alarm["AlarmArn"])
        return MANAGED_BY_SCALING.items() <= tags.items()

    def warnings(self, plan: Plan) -> list[str]:  # noqa: ARG002  # of the protocol
        """Warn about policies and targets of other tools, lost alarms and suspended scaling."""
        services = self._requested_services
        policies = {
            service: self._policies[service] for service in sorted(services & self._policies.keys())
        }
        return [
            *foreign_policies(policies),
            *without_alarms(policies, self._requested),
            *self._others.warnings(services),
        ]

    def create(self, change: Create) -> None:
        """Put a policy and, unless AWS creates it, its alarm; or put a minimum."""
        self._put(change)

    def update(self, change: Update) -> None:
        """Put a resource again, with the declared fields over the existing ones."""
        self._put(change)

    def _put(self, change: Create | Update) -> None:
        if is_minimum(change.name):
            self._minimums.put(change.name, change.result)
            return
        policy, *alarms = self._put_requests(change.wanted, change.result)
        arn = self._scaling.put_policy(policy)
        for alarm in alarms:
            # The policy has another ARN than before if somebody recreated it.
            actions = [*alarm.parameters["AlarmActions"], arn]
            self._cloudwatch.put_metric_alarm(**{**alarm.parameters, "AlarmActions": actions})

    def requests(self, resource: Resource) -> Iterable[Request]:
        """Return the requests that create a policy and its alarm, without the policy's ARN."""
        result = Create(resource).result
        if is_minimum(resource.name):
            return [self._minimums.request(resource.name, result)]
        return self._put_requests(resource, result)

    def _put_requests(self, resource: Resource, result: Mapping[str, Any]) -> list[Request]:
        policy = {key: value for key, value in result.items() if key != ALARM}
        alarm = result.get(ALARM)
        target_id = self._targets[service_of(resource.name) or ""]
        requests = [policy_request(target_id, own_name(resource.name), policy)]
        if alarm is not None:
            # A new alarm gets tags; an existing one keeps its own.
            tags = [{"Key": key, "Value": value} for key, value in resource.tags.items()]
            others = [arn for arn in alarm.get("AlarmActions", []) if _POLICY not in arn]
            own = {key: value for key, value in alarm.items() if key != INVOKES}
            put = {**own, "AlarmActions": others, "Tags": tags}
            requests.append(Request(ALARMS.service, "PutMetricAlarm", put))
        return requests

    def delete(self, change: Delete) -> None:
        """Delete the alarm, then the policy. AWS deletes the alarms of target tracking itself."""
        if is_minimum(change.name):
            self._minimums.delete(change.name)
            return
        alarm = self._alarms.get(self._alarm_of(change.name))
        with unless_gone():
            if alarm is not None and self._is_ours(alarm):
                self._cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"]])
        if "PolicyType" in change.live.properties:
            target_id = self._targets[service_of(change.name) or ""]
            self._scaling.delete_policy(target_id, own_name(change.name))

    def parent(self, name: str) -> str | None:
        """Return the scalable target: Application Auto Scaling refuses concurrent changes to it.

        https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
        """
        return self._targets.get(service_of(name) or "")

    def traces(self, name: str) -> list[Trace]:
        """Name a policy or an action with its target, or a step policy by its alarm."""
        target = self.parent(name) or ""
        if is_minimum(name):
            return [{"scheduledActionName": own_name(name), "resourceId": target}]
        alarm = self._alarm_of(name)
        return [
            {"policyName": own_name(name), "resourceId": target},
            {"alarmName": alarm},
            {"alarmNames": alarm},
        ]
