"""Assembly of a snapshot from the parts that were read or failed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from ops.aws.autoscaling.values import (
    ScalableTarget,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
)
from ops.base.errors import OpsError
from ops.copilot.deployed import Deployed
from ops.copilot.place import ServicePlace
from ops.oncall.queue.metrics import AGE, DELAYED, DELETED, IN_FLIGHT, SENT, VISIBLE, Metric
from ops.oncall.queue.state import QueueState
from ops.oncall.status.snapshot import Alarm, Counts, Part, Scaling, ServiceState, Snapshot

Key: TypeAlias = tuple[str, str]  # what, and of which service; "" for all of them
Parts: TypeAlias = Mapping[Key, Any]
Measured: TypeAlias = Mapping[tuple[str, Metric], Sequence[float]]

Found = TypeVar("Found")
Value = TypeVar("Value", ScalingPolicy, ScheduledAction, ScalingActivity)

_MINUTES = 10  # that the metrics of queues cover


def assemble(
    deployed: Deployed, parts: Parts, now: datetime, *, is_overview: bool = False
) -> Snapshot:
    """Give each service its own part of the answers."""
    measured = parts["measured", ""]
    # A queue whose age could not be read still has its messages: the age is a separate problem.
    alone = isinstance(measured, OpsError) and not is_overview
    return Snapshot(
        deployed.application,
        deployed.environment,
        now,
        tuple(_state(place, parts, is_overview=is_overview) for place in deployed.services),
        (*deployed.problems, measured) if alone else deployed.problems,
        deployed.others,
        deployed.unknown,
        parts["release", ""],
        is_overview,
    )


def _state(place: ServicePlace, parts: Parts, *, is_overview: bool) -> ServiceState:
    name = place.service
    scaling = _scaling(place, parts)
    return ServiceState(
        service=name,
        manifest=place.workload.tasks,
        counts=_counts(place, parts),
        health=_member(parts["health", ""], name, OpsError("Its tasks are unknown")),
        targets=parts.get(("balanced", name)),
        scaling=scaling,
        alarms=_service_alarms(name, parts),
        policy_alarms=_policy_alarms(scaling, parts),
        queue=_measured_queue(place, parts) if is_overview else _queue(name, parts),
        stopped=_member(parts["stopped", ""], name, OpsError("Its tasks are unknown")),
    )


def _member(part: Part[Mapping[str, Found]], name: str, missing: OpsError) -> Part[Found]:
    return part if isinstance(part, OpsError) else part.get(name, missing)


def _counts(place: ServicePlace, parts: Parts) -> Part[Counts]:
    """Return the counts of a service, with the last log line of a failed deployment's task."""
    gone = OpsError(f"ECS has no service `{place.stack.service}` in `{place.stack.cluster}`")
    counts: Part[Counts] = _member(parts["counts", ""], place.service, gone)
    failure = parts.get(("failure", place.service))
    if isinstance(counts, Counts) and failure is not None and not isinstance(failure, OpsError):
        return replace(counts, failure=failure)
    return counts


def _scaling(place: ServicePlace, parts: Parts) -> Part[Scaling | None]:
    target_id = place.stack.target_id
    targets: Part[Mapping[str, ScalableTarget]] = parts["targets", ""]
    if isinstance(targets, OpsError):
        return None if place.stack.scalable_target is None else targets
    if (target := targets.get(target_id)) is None:
        if place.stack.scalable_target is None:
            return None
        return OpsError(f"Application Auto Scaling has no scalable target `{target_id}`")
    activities: Part[tuple[ScalingActivity, ...]] = _of_target(parts["activities", ""], target_id)
    if not isinstance(activities, OpsError):
        activities = tuple(sorted(activities, key=lambda activity: activity.began, reverse=True))
    return Scaling(
        target.least,
        target.most,
        target.suspended,
        _of_target(parts["policies", ""], target_id),
        activities,
        _of_target(parts["scheduled", ""], target_id),
    )


def _of_target(part: Part[Sequence[Value]], target_id: str) -> Part[tuple[Value, ...]]:
    if isinstance(part, OpsError):
        return part
    return tuple(value for value in part if value.resource_id == target_id)


def _service_alarms(service: str, parts: Parts) -> Part[tuple[Alarm, ...]]:
    tagged: Part[Mapping[str, str]] = parts["tagged", ""]
    if isinstance(tagged, OpsError):
        return tagged
    return _described((name for name, owner in tagged.items() if owner == service), parts)


def _policy_alarms(scaling: Part[Scaling | None], parts: Parts) -> Part[tuple[Alarm, ...]]:
    if not isinstance(scaling, Scaling):
        return ()
    if isinstance(scaling.policies, OpsError):
        return scaling.policies
    return _described((name for policy in scaling.policies for name in policy.alarms), parts)


def _described(names: Iterable[str], parts: Parts) -> Part[tuple[Alarm, ...]]:
    described: Part[Mapping[str, Alarm]] = parts["alarms", ""]
    if isinstance(described, OpsError):
        return described
    return tuple(described[name] for name in sorted(set(names)) if name in described)


def _queue(service: str, parts: Parts) -> Part[QueueState | None]:
    """Return SQS's counts, with CloudWatch's age and rates."""
    part: Part[QueueState | None] = parts.get(("queue", service))
    measured: Part[Measured] = parts["measured", ""]
    if not isinstance(part, QueueState) or isinstance(measured, OpsError):
        return part
    return _with_flow(part, measured)


def _measured_queue(place: ServicePlace, parts: Parts) -> Part[QueueState | None]:
    """Return CloudWatch's counts: a queue without metrics has had no message for hours."""
    measured: Part[Measured] = parts["measured", ""]
    queue = place.queue
    if queue is None:
        return None
    if isinstance(measured, OpsError):
        return measured
    visible, in_flight, delayed = (
        round(next(iter(measured.get((queue.name, metric), ())), 0))
        for metric in (VISIBLE, IN_FLIGHT, DELAYED)
    )
    state = QueueState(queue.name, visible, in_flight, delayed, None, None)
    if queue.dead_letters is not None:
        dead = round(next(iter(measured.get((queue.dead_letters, VISIBLE), ())), 0))
        state = replace(state, dead_letters=queue.dead_letters, dead=dead)
    return _with_flow(state, measured)


def _with_flow(state: QueueState, measured: Measured) -> QueueState:
    age, sent, deleted = (measured.get((state.name, metric), ()) for metric in (AGE, SENT, DELETED))
    return replace(
        state,
        age=next(iter(age), None),
        sent=sum(sent) / _MINUTES,
        deleted=sum(deleted) / _MINUTES,
    )
