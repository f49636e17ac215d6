"""Application Auto Scaling acts: policies that alarms invoke, and scheduled actions.

https://docs.aws.amazon.com/autoscaling/application/userguide/what-is-application-auto-scaling.html
"""

from __future__ import annotations

import zoneinfo
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.control.autoscaling.decision import decide
from ops.control.autoscaling.model import (
    Capacity,
    Direction,
    Invocation,
    Limits,
    TrackingPolicy,
    policy_of,
)
from ops.control.autoscaling.schedule import ScheduledAction, perform, times_between
from ops.control.cloudwatch.evaluation import State
from ops.control.cron import CronError
from ops.local.gaps.ecs.services import CHANGING
from ops.local.gaps.scaling.activities import DIMENSION, not_scaled, scale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from moto.applicationautoscaling.models import (
        ApplicationAutoscalingBackend,
        FakeApplicationAutoscalingPolicy,
        FakeScalableTarget,
        FakeScheduledAction,
    )

    from ops.control.autoscaling.decision import Cooldowns, Decision
    from ops.control.autoscaling.model import Policy
    from ops.control.undocumented import Choices
    from ops.local.loop.alarms import Firing
    from ops.local.plane.journal import Journal

_LOW = "LessThan"


@dataclass
class _Calls:
    """The invocations of one scalable target at one moment, with the alarms that made them."""

    invocations: list[Invocation] = field(default_factory=list)
    alarms: dict[str, str] = field(default_factory=dict)


class Scaling:
    """Changes desired counts. `state` returns the state of an alarm by its name."""

    def __init__(
        self,
        backend: ApplicationAutoscalingBackend,
        state: Callable[[str], State | None],
        choices: Choices,
        journal: Journal,
        report: Callable[[str], None],
    ) -> None:
        self._backend = backend
        self._state = state
        self._choices = choices
        self._journal = journal
        self._report = report
        self._cooldowns: dict[str, Cooldowns] = {}
        self._last: float | None = None
        self._created: dict[int, float] = {}
        self._last_rules: dict[tuple[str, str], str] = {}

    def invoke(self, firings: Iterable[Firing], now: float) -> None:
        """Carry out the policies that alarms in ALARM invoke at one moment."""
        calls: dict[str, _Calls] = defaultdict(_Calls)
        for firing in firings:
            if firing.value is None or firing.alarm.state_value != State.ALARM:
                continue
            for policy in self._policies(firing.actions):
                known = _policy(policy)
                is_low = firing.alarm.comparison_operator.startswith(_LOW)
                direction = Direction.IN if is_low else Direction.OUT
                if isinstance(known, TrackingPolicy) and is_low and not known.scales_in:
                    continue
                threshold = float(firing.alarm.threshold)
                call = Invocation(known, firing.value, threshold, direction)
                calls[policy.resource_id].invocations.append(call)
                calls[policy.resource_id].alarms[known.name] = firing.alarm.name
        for resource_id, invocations in calls.items():
            self._decide(resource_id, invocations, now)

    def run_schedule(self, now: float) -> None:
        """Carry out the scheduled actions that are due since the last time."""
        since, self._last = self._last if self._last is not None else now, now
        for action in list(self._backend.scheduled_actions):
            if action.service_namespace != "ecs":
                continue
            created = self._created.setdefault(id(action), since)
            begin = datetime.fromtimestamp(since, UTC)
            until = datetime.fromtimestamp(now, UTC)
            scheduled = _scheduled(action, datetime.fromtimestamp(created, UTC))
            try:
                for _ in times_between(scheduled, begin, until, self._choices):
                    self._perform(action, scheduled, now)
            except CronError as error:
                self._report(f"The action {action.scheduled_action_name} cannot be run: {error}")

    def _policies(self, actions: Iterable[str]) -> Iterator[FakeApplicationAutoscalingPolicy]:
        arns = {action.partition(":createdBy/")[0] for action in actions}
        for policy in list(self._backend.policies.values()):
            if policy.policy_arn in arns:
                yield policy

    def _decide(self, resource_id: str, calls: _Calls, now: float) -> None:
        target = self._target(resource_id)
        if target is None:
            return
        with CHANGING:
            capacity = self._capacity(resource_id)
            if capacity is None:
                return
            decision = decide(
                _limits(target),
                capacity,
                calls.invocations,
                self._cooldowns.get(resource_id, {}),
                now,
                against_in=self._against_in(resource_id),
                choices=self._choices,
            )
            self._cooldowns[resource_id] = decision.cooldowns
            if decision.count is not None and decision.cause is not None:
                name = decision.cause.policy.name
                cause = f"monitor alarm {calls.alarms[name]} in state ALARM triggered policy {name}"
                scale(self._backend, resource_id, decision.count, cause)
        self._note(resource_id, capacity, calls, decision, now)

    def _note(
        self, resource_id: str, capacity: Capacity, calls: _Calls, decision: Decision, now: float
    ) -> None:
        values = {invocation.policy.name: invocation.value for invocation in calls.invocations}
        inputs = {"running": capacity.running, "desired": capacity.desired, "values": values}
        if decision.count is not None and decision.cause is not None:
            rule = f"{decision.cause.policy.name} asks for {decision.count}"
            self._last_rules.clear()
            self._journal.add(now, "scaling", resource_id, rule, count=decision.count, **inputs)
            return
        for reason in decision.reasons:
            rule = f"{reason.policy}: {reason.rule}"
            if (
                self._last_rules.get((resource_id, reason.policy)) != rule
            ):  # or it comes each minute
                self._journal.add(now, "scaling", resource_id, rule, **inputs)
            self._last_rules[resource_id, reason.policy] = rule
            if reason.code is not None:
                alarm = calls.alarms[reason.policy]
                cause = f"monitor alarm {alarm} in state ALARM triggered policy {reason.policy}"
                limits = _limits(target) if (target := self._target(resource_id)) else None
                not_scaled(self._backend, resource_id, cause, reason.code, capacity.desired, limits)

    def _against_in(self, resource_id: str) -> list[str]:
        """Name the target tracking policies with scale-in whose lower alarm is not in ALARM."""
        against = []
        for policy in list(self._backend.policies.values()):
            if policy.resource_id != resource_id or not policy.alarms:
                continue
            known = _policy(policy)
            lows = [a for a in policy.alarms if a.comparison_operator.startswith(_LOW)]
            if (
                isinstance(known, TrackingPolicy)
                and known.scales_in
                and not any(self._state(alarm.name) is State.ALARM for alarm in lows)
            ):
                against.append(known.name)
        return against

    def _perform(self, action: FakeScheduledAction, scheduled: ScheduledAction, now: float) -> None:
        target, name = self._target(action.resource_id), action.scheduled_action_name
        if target is None:
            return
        with CHANGING:
            capacity = self._capacity(action.resource_id)
            if capacity is None:
                return
            done = perform(scheduled, _limits(target), capacity, self._choices)
            target.min_capacity, target.max_capacity = done.limits.minimum, done.limits.maximum
            if done.count is not None:
                cause = f"scheduled action name {name} was triggered"
                scale(self._backend, action.resource_id, done.count, cause)
        rule = done.refused or f"the count is within {done.limits.minimum} to {done.limits.maximum}"
        inputs = {"desired": capacity.desired, "count": done.count}
        self._journal.add(now, "schedule", action.resource_id, f"{name}: {rule}", **inputs)

    def _target(self, resource_id: str) -> FakeScalableTarget | None:
        return self._backend.targets.get(DIMENSION, {}).get(resource_id)

    def _capacity(self, resource_id: str) -> Capacity | None:
        _, cluster, name = resource_id.split("/")
        services: list[Any]
        services, _ = self._backend.ecs_backend.describe_services(cluster, [name])
        if not services:
            return None
        service = services[0]
        deployments = service.deployments or []
        is_deploying = len(deployments) > 1 or any(
            deployment["rolloutState"] == "IN_PROGRESS" for deployment in deployments
        )
        return Capacity(int(service.running_count), int(service.desired_count), is_deploying)


def _policy(policy: FakeApplicationAutoscalingPolicy) -> Policy:
    return policy_of(
        {
            "PolicyName": policy.policy_name,
            "TargetTrackingScalingPolicyConfiguration": (
                policy.target_tracking_scaling_policy_configuration
            ),
            "StepScalingPolicyConfiguration": policy.step_scaling_policy_configuration,
        }
    )


def _limits(target: FakeScalableTarget) -> Limits:
    suspended: Any = target.suspended_state or {}
    return Limits(
        int(target.min_capacity or 0),
        int(target.max_capacity or 0),
        bool(suspended.get("DynamicScalingInSuspended")),
        bool(suspended.get("DynamicScalingOutSuspended")),
        bool(suspended.get("ScheduledScalingSuspended")),
    )


def _scheduled(action: FakeScheduledAction, created: datetime) -> ScheduledAction:
    change: Any = action.scalable_target_action or {}
    return ScheduledAction(
        action.schedule,
        zoneinfo.ZoneInfo(action.timezone or "UTC"),
        created,
        _time(action.start_time),
        _time(action.end_time),
        change.get("MinCapacity"),
        change.get("MaxCapacity"),
    )


def _time(given: Any) -> datetime | None:
    """Return a client's time, given as seconds or without a zone."""
    if given is None or isinstance(given, datetime):
        return given if given is None or given.tzinfo else given.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(given), UTC)
