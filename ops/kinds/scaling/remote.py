"""Scaling policies in Application Auto Scaling, and the alarms in CloudWatch that invoke them:
the only code that reads and writes them. `minimum` keeps the scheduled minimums.

A step policy and its alarm are one resource. The policy is written first and removed last, so
that whatever an interrupted run leaves behind shows as a policy whose alarm differs.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ops.aws.access import SCALES_ECS, Access
from ops.aws.client import Aws, in_batches, side_by_side, tags_of, unless_gone
from ops.aws.constraints import Request
from ops.copilot.place import ServicePlace
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
from ops.kinds.scaling.others.remote import Others
from ops.kinds.scaling.others.told import policies_beside, without_alarms
from ops.kinds.scaling.reading import TRACKING, live
from ops.kinds.scaling.targets import of_targets
from ops.plan.model import Change, Conflict, Create, Delete, Live, Plan, Resource, Update
from ops.plan.remote import Trace

POLICIES = Access(
    "application-autoscaling",
    reads=("DescribeScalingPolicies", "DescribeScalableTargets", "DescribeScheduledActions"),
    writes=(
        "PutScalingPolicy",
        "DeleteScalingPolicy",
        "PutScheduledAction",
        "DeleteScheduledAction",
        "RegisterScalableTarget",
    ),
    implied=(*SCALES_ECS, "iam:CreateServiceLinkedRole"),
)
ALARMS = Access(
    "cloudwatch",
    reads=("DescribeAlarms", "ListTagsForResource"),
    writes=("PutMetricAlarm", "DeleteAlarms"),
    implied=("cloudwatch:TagResource",),
)

_SERVICE = "copilot-service"
_POLICY = ":scalingPolicy:"  # in the ARN of each
_DESCRIBED_AT_ONCE = 100  # the most names that DescribeAlarms takes
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
        self._policies = aws.client(POLICIES)
        self._alarms = aws.client(ALARMS)
        self._others = Others(self._policies, places)
        self._minimums = Minimums(self._policies, places)
        self._read: dict[str, list[Mapping[str, Any]]] = {}  # policies by service
        self._found: dict[str, Mapping[str, Any]] = {}  # alarms by name
        self._wanted: frozenset[str] = frozenset()  # the policies that were asked for
        self._asked: set[str] = set()  # and their services

    def read(self, names: Collection[str]) -> list[Live]:
        """The calls of `of_targets` for policies and for minimums, one for each 100 alarms."""
        scheduled = [name for name in names if is_minimum(name)]
        self._wanted = frozenset(names)
        self._asked = {name.split("/", 1)[0] for name in names}
        policies = self._described(sorted(self._asked & self._targets.keys()))
        # What AWS tracks has alarms of AWS's own; of what is not there, an alarm may be left.
        named = [name for name in names if not is_minimum(name)]
        invoked = [name for name in named if TRACKING not in policies.get(name, {})]
        self._describe_alarms(sorted(self._alarm_of(name) for name in invoked))
        found = {name: self._found.get(self._alarm_of(name), {}) for name in invoked}
        there = [
            live(name, policies.get(name, {}), found.get(name, {}))
            for name in named
            if name in policies or found.get(name)
        ]
        return [*there, *self._minimums.read(scheduled)]

    def _described(self, services: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """The policies on the services' targets, whoever made them, by `<service>/<policy>`."""
        unread = {self._targets[each]: each for each in services if each not in self._read}
        self._read.update({service: [] for service in unread.values()})
        pages = self._policies.get_paginator("describe_scaling_policies")
        for policy in of_targets(pages, "ScalingPolicies", unread):
            self._read[unread[policy["ResourceId"]]].append(policy)
        return {
            f"{service}/{policy['PolicyName']}": policy
            for service in services
            for policy in self._read[service]
        }

    def _describe_alarms(self, names: Sequence[str]) -> None:
        def describe(batch: Sequence[str]) -> list[Mapping[str, Any]]:
            answer = self._alarms.describe_alarms(
                AlarmNames=batch, AlarmTypes=["MetricAlarm"], MaxRecords=_DESCRIBED_AT_ONCE
            )
            return list(answer["MetricAlarms"])

        for answer in side_by_side(describe, in_batches(names, _DESCRIBED_AT_ONCE)):
            self._found.update({alarm["AlarmName"]: alarm for alarm in answer})

    def _alarm_of(self, name: str) -> str:
        service, policy = name.split("/", 1)
        return alarm_name(self._places[service], policy.removeprefix(PREFIX))

    def inventory(self) -> Collection[str]:
        """The calls of `of_targets` for policies and for minimums.

        One for each 100 alarms: CloudFormation deletes policies with their target, not the alarms.
        """
        policies = self.owned(self._described(sorted(self._targets)))
        return {*policies, *self._left_behind(), *self._minimums.inventory()}

    def _left_behind(self) -> Iterator[str]:
        """The names that the policies of the services' alarms have, or had."""
        place = next(iter(self._places.values()))
        shared = {key: value for key, value in place.tags.items() if key != _SERVICE}
        found = self._aws.tagged("cloudwatch:alarm", {**shared, **MANAGED_BY_SCALING})
        for arn, tags in found.items():
            owner = self._places.get(tags.get(_SERVICE, ""))
            if owner is not None:
                alarm = arn.split(":alarm:", 1)[1]
                yield policy_name(owner, alarm.removeprefix(alarm_name(owner, "")))

    def owned(self, names: Collection[str]) -> Collection[str]:
        """By the name: Application Auto Scaling gives policies and actions no tags."""
        return {name for name in names if name.split("/", 1)[1].startswith(PREFIX)}

    def review(self, plan: Plan) -> Plan:
        """No alarm that somebody else made is overwritten.

        One call for the tags of each alarm that is there and would be written.
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
            there = change.live if isinstance(change, Update) else Live(change.name, {}, {})
            why = _FOREIGN_ALARM.format(name=self._alarm_of(change.name))
            return Conflict(change.wanted, there, why)

        return replace(plan, changes=tuple(reviewed(change) for change in plan.changes))

    def _may_write(self, change: Create | Update) -> bool:
        return self._is_ours(self._found.get(self._alarm_of(change.name)))

    def _is_ours(self, alarm: Mapping[str, Any] | None) -> bool:
        """Whether an alarm carries the tags, or is not there."""
        if alarm is None:
            return True
        tags = tags_of(self._alarms.list_tags_for_resource, ResourceARN=alarm["AlarmArn"])
        return MANAGED_BY_SCALING.items() <= tags.items()

    def warnings(self, plan: Plan) -> list[str]:  # noqa: ARG002  # of the protocol
        """What else scales the same services, declared or not, ours or not, and what holds them.

        No call, but one for each 50 services that Copilot does not scale, or scales within a
        range; and one for each whose range is not the manifest's.
        """
        read = {each: self._read[each] for each in sorted(self._asked & self._read.keys())}
        told = [*policies_beside(read), *without_alarms(read, self._wanted)]
        return [*told, *self._others.targets(self._asked)]

    def create(self, change: Create) -> None:
        """PutScalingPolicy, then PutMetricAlarm where AWS makes no alarm; or PutScheduledAction."""
        self._put(change)

    def update(self, change: Update) -> None:
        """The same with everything there is, the declared fields renewed."""
        self._put(change)

    def _put(self, change: Create | Update) -> None:
        if is_minimum(change.name):
            self._minimums.put(change.name, change.result)
            return
        policy, *alarms = self._put_requests(change.wanted, change.result)
        answer = self._policies.put_scaling_policy(**policy.parameters)
        for alarm in alarms:
            # The policy may have another ARN than it had, if somebody made it again.
            actions = [*alarm.parameters["AlarmActions"], answer["PolicyARN"]]
            self._alarms.put_metric_alarm(**{**alarm.parameters, "AlarmActions": actions})

    def requests(self, wanted: Resource) -> Iterable[Request]:
        """Return those that create a policy, its alarm as yet without the policy's ARN."""
        result = Create(wanted).result
        if is_minimum(wanted.name):
            return [self._minimums.put_request(wanted.name, result)]
        return self._put_requests(wanted, result)

    def _put_requests(self, wanted: Resource, result: Mapping[str, Any]) -> list[Request]:
        parameters = {**self._key(wanted.name), **result}
        alarm = parameters.pop(ALARM, None)
        requests = [Request(POLICIES.service, "PutScalingPolicy", parameters)]
        if alarm is not None:
            # Tags are for an alarm that is new; one that exists keeps those it has.
            tags = [{"Key": key, "Value": value} for key, value in wanted.tags.items()]
            others = [each for each in alarm.get("AlarmActions", []) if _POLICY not in each]
            own = {key: value for key, value in alarm.items() if key != INVOKES}
            put = {**own, "AlarmActions": others, "Tags": tags}
            requests.append(Request(ALARMS.service, "PutMetricAlarm", put))
        return requests

    def delete(self, change: Delete) -> None:
        """DeleteAlarms, then DeleteScalingPolicy. Alarms that AWS made go with the policy."""
        if is_minimum(change.name):
            self._minimums.delete(change.name)
            return
        alarm = self._found.get(self._alarm_of(change.name))
        with unless_gone():
            if alarm is not None and self._is_ours(alarm):
                self._alarms.delete_alarms(AlarmNames=[alarm["AlarmName"]])
        if "PolicyType" in change.live.properties:
            with unless_gone():
                self._policies.delete_scaling_policy(**self._key(change.name))

    def parent(self, name: str) -> str | None:
        """The scalable target: Application Auto Scaling refuses a second change to one under way.

        https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
        """
        return self._targets.get(name.split("/", 1)[0])

    def traces(self, name: str) -> list[Trace]:
        """By the policy or the action with its target, or by the alarm of a step policy."""
        service, policy = name.split("/", 1)
        if is_minimum(name):
            target = self._targets.get(service, "")
            return [{"scheduledActionName": policy, "resourceId": target}]
        alarm = self._alarm_of(name)
        return [
            {"policyName": policy, "resourceId": self._targets.get(service, "")},
            {"alarmName": alarm},
            {"alarmNames": alarm},
        ]

    def _key(self, name: str) -> dict[str, Any]:
        service, policy = name.split("/", 1)
        return {
            "PolicyName": policy,
            "ServiceNamespace": "ecs",
            "ResourceId": self._targets[service],
            "ScalableDimension": "ecs:service:DesiredCount",
        }
