"""Scalable targets that another tool made or moved: Application Auto Scaling, read only."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.aws.client import in_batches, side_by_side
from ops.copilot.place import ServicePlace
from ops.copilot.workload import TaskRange
from ops.kinds.scaling.desired import PREFIX
from ops.kinds.scaling.others.told import foreign_target, moved_target, suspended_target
from ops.kinds.scaling.reading import suspended_of
from ops.kinds.schedules.names import resource_id

_AT_ONCE = 50  # the most targets that DescribeScalableTargets takes


class Others:
    """Looks at the scalable targets of some services, by the client that reads their policies."""

    def __init__(self, client: Any, places: Sequence[ServicePlace]) -> None:  # noqa: ANN401
        self._client = client
        self._places = places

    def targets(self, asked: Collection[str]) -> list[str]:
        """What to tell of targets that neither Copilot nor off-hours made, where we are to scale.

        And, of the services that were asked for, of targets with another range than the manifest
        and of what is suspended.
        """
        by_id = {
            resource_id(place): place
            for place in self._places
            if (not _is_copilots(place) and "scaling" in place.declared)
            or (place.service in asked and _range_of(place) is not None)
        }

        def describe(resource_ids: Sequence[str]) -> list[Mapping[str, Any]]:
            answer = self._client.describe_scalable_targets(
                ServiceNamespace="ecs", ResourceIds=resource_ids
            )
            return list(answer["ScalableTargets"])

        answers = side_by_side(describe, in_batches(list(by_id), _AT_ONCE))
        found = [(by_id[each["ResourceId"]], each) for answer in answers for each in answer]
        told = [self._range_told(place, target) for place, target in found]
        held = [
            suspended_target(place.service, target["ResourceId"], suspended)
            for place, target in found
            if place.service in asked and (suspended := suspended_of(target))
        ]
        return [*(warning for warning in told if warning is not None), *held]

    def _range_told(self, place: ServicePlace, target: Mapping[str, Any]) -> str | None:
        there, declared = TaskRange(target["MinCapacity"], target["MaxCapacity"]), _range_of(place)
        if _is_copilots(place) and declared in (None, there):
            return None
        pages = self._client.get_paginator("describe_scheduled_actions").paginate(
            ServiceNamespace="ecs", ResourceId=target["ResourceId"]
        )
        names = [each["ScheduledActionName"] for page in pages for each in page["ScheduledActions"]]
        if any(name.startswith(PREFIX) for name in names):
            return None  # a schedule of ours moves it, to and fro, or had it made
        if declared is None or not _is_copilots(place):
            return foreign_target(place.service, there)
        return moved_target(place.service, there, declared, names)


def _is_copilots(place: ServicePlace) -> bool:
    return place.stack.scalable_target is not None


def _range_of(place: ServicePlace) -> TaskRange | None:
    """The range that the manifest gives; None for a fixed count, or one that is not known."""
    tasks = place.workload.tasks
    return tasks if tasks is not None and tasks.least < tasks.most else None
