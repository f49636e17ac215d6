"""Scalable targets that another tool created or changed, in Application Auto Scaling. Read only."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from ops.aws.autoscaling.remote import AutoScaling
from ops.aws.autoscaling.values import ScalableTarget
from ops.copilot.place import ServicePlace
from ops.copilot.workload import TaskRange
from ops.kinds.scaling.desired import PREFIX
from ops.kinds.scaling.others.messages import foreign_target, moved_target, suspended_target


class Others:
    """Warnings about the scalable targets of some services."""

    def __init__(self, scaling: AutoScaling, places: Sequence[ServicePlace]) -> None:
        self._scaling = scaling
        self._places = places

    def warnings(self, services: Collection[str]) -> list[str]:
        """Warn about targets that neither Copilot nor off-hours created, of services that scale.

        For the given services, also warn about targets with another range than the manifest's, and
        about suspended scaling. One call for each 50 targets, and those of `AutoScaling.actions`
        for targets with another range.
        """
        by_id = {
            place.stack.target_id: place
            for place in self._places
            if (not _is_copilots(place) and "scaling" in place.declared)
            or (place.service in services and _range_of(place) is not None)
        }
        targets = self._scaling.targets(by_id)
        suspended = [
            suspended_target(by_id[target_id].service, target)
            for target_id, target in targets.items()
            if target.suspended and by_id[target_id].service in services
        ]
        return [*self._range_warnings(by_id, targets), *suspended]

    def _range_warnings(
        self, places: Mapping[str, ServicePlace], targets: Mapping[str, ScalableTarget]
    ) -> Iterator[str]:
        differing = {
            target_id: target
            for target_id, target in targets.items()
            if not _is_as_declared(places[target_id], target)
        }
        actions = self._scaling.actions(differing)
        for target_id, target in differing.items():
            names = [action.name for action in actions if action.resource_id == target_id]
            if any(name.startswith(PREFIX) for name in names):
                continue  # an off-hours action of ours changes the range, or needed the target
            place, current = places[target_id], TaskRange(target.least, target.most)
            declared = _range_of(place)
            if declared is None or not _is_copilots(place):
                yield foreign_target(place.service, current)
            else:
                yield moved_target(place.service, current, declared, names)


def _is_as_declared(place: ServicePlace, target: ScalableTarget) -> bool:
    current = TaskRange(target.least, target.most)
    return _is_copilots(place) and _range_of(place) in (None, current)


def _is_copilots(place: ServicePlace) -> bool:
    return place.stack.scalable_target is not None


def _range_of(place: ServicePlace) -> TaskRange | None:
    """Return the range in the manifest; None for a fixed or an unknown count."""
    tasks = place.workload.tasks
    return tasks if tasks is not None and tasks.least < tasks.most else None
