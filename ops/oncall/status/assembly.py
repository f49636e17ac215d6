"""From the parts that were read, or could not be, to a snapshot. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace
from ops.copilot.services import Deployed
from ops.kinds.scaling.reading import suspended_of
from ops.oncall.queue.state import QueueState
from ops.oncall.status.snapshot import Alarm, Part, Policy, Scaling, ServiceState, Snapshot

Key: TypeAlias = tuple[str, str]  # what, and of which service; "" for all of them
Parts: TypeAlias = Mapping[Key, Any]

Found = TypeVar("Found")


def assemble(deployed: Deployed, parts: Parts, now: datetime) -> Snapshot:
    """Give each service its share of every part."""
    ages = parts["ages", ""]
    # A queue whose age could not be read still has its messages: the age is a problem by itself.
    problems = (*deployed.problems, ages) if isinstance(ages, OpsError) else deployed.problems
    return Snapshot(
        deployed.application,
        deployed.environment,
        now,
        tuple(_state(place, parts) for place in deployed.services),
        problems,
        deployed.others,
    )


def _state(place: ServicePlace, parts: Parts) -> ServiceState:
    name = place.service
    gone = OpsError(f"ECS has no service `{place.stack.service}` in `{place.stack.cluster}`")
    return ServiceState(
        service=name,
        manifest=place.workload.tasks,
        counts=_member(parts["counts", ""], name, gone),
        health=_member(parts["health", ""], name, gone),
        targets=parts.get(("balanced", name)),
        scaling=_scaling(place, parts),
        alarms=_service_alarms(name, parts),
        policy_alarms=_policy_alarms(name, parts),
        queue=_queue(parts.get(("queue", name)), parts["ages", ""]),
        stopped=parts.get(("stopped", name), ()),
    )


def _member(part: Part[Mapping[str, Found]], name: str, missing: OpsError) -> Part[Found]:
    return part if isinstance(part, OpsError) else part.get(name, missing)


def _scaling(place: ServicePlace, parts: Parts) -> Part[Scaling | None]:
    target = place.stack.scalable_target
    if target is None:
        return None
    missing = OpsError(f"Application Auto Scaling has no scalable target `{target}`")
    answer: Part[Any] = _member(parts["targets", ""], target, missing)
    if isinstance(answer, OpsError):
        return answer
    return Scaling(
        answer["MinCapacity"],
        answer["MaxCapacity"],
        suspended_of(answer),
        parts["policies", place.service],
        parts["activities", place.service],
        parts["scheduled", place.service],
    )


def _service_alarms(service: str, parts: Parts) -> Part[tuple[Alarm, ...]]:
    tagged: Part[Mapping[str, str]] = parts["tagged", ""]
    if isinstance(tagged, OpsError):
        return tagged
    return _described((name for name, owner in tagged.items() if owner == service), parts)


def _policy_alarms(service: str, parts: Parts) -> Part[tuple[Alarm, ...]]:
    policies: Part[tuple[Policy, ...]] = parts.get(("policies", service), ())
    if isinstance(policies, OpsError):
        return policies
    return _described((name for policy in policies for name in policy.alarms), parts)


def _described(names: Iterable[str], parts: Parts) -> Part[tuple[Alarm, ...]]:
    found: Part[Mapping[str, Alarm]] = parts["alarms", ""]
    if isinstance(found, OpsError):
        return found
    return tuple(found[name] for name in sorted(set(names)) if name in found)


def _queue(
    part: Part[QueueState | None], ages: Part[Mapping[str, float]]
) -> Part[QueueState | None]:
    if isinstance(part, QueueState) and not isinstance(ages, OpsError):
        return replace(part, age=ages.get(part.name))
    return part
