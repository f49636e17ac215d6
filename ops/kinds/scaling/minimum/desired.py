"""The desired scheduled actions that raise and restore a service's minimum. Pure.

Properties are the parameters of PutScheduledAction:
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
They have no maximum, so it does not change.
"""

from collections.abc import Iterator

from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace
from ops.copilot.workload import TaskRange
from ops.kinds.off_hours import has_off_hours
from ops.kinds.plan_names import own_name
from ops.kinds.scaling.settings import Minimum, Settings
from ops.kinds.times import WEEKDAYS, minutes, weekly
from ops.plan.model import Json, Resource

# Scheduled actions have no tags: this prefix marks those that `ops` created.
PREFIX = "ops-minimum-"
_OVER = "-over"


def minimum(settings: Settings, place: ServicePlace) -> list[Resource]:
    """Return two actions for each minimum of the section, named `<service>/<action>`.

    Raise OpsError for a service with off-hours, which set the same limits, and for a minimum
    outside the manifest's range.
    """
    return [action for declared in settings.minimum for action in _actions(declared, place)]


def is_minimum(name: str) -> bool:
    """Return whether a name in a plan belongs to a scheduled minimum."""
    return own_name(name).startswith(PREFIX)


def raised_by(name: str) -> str | None:
    """Return the action whose minimum this action restores; None for an action that raises it."""
    return name.removesuffix(_OVER) if name.endswith(_OVER) else None


def _actions(declared: Minimum, place: ServicePlace) -> Iterator[Resource]:
    manifest = _range(declared, place)
    days = [WEEKDAYS.index(day) for day in declared.weekdays]
    name = "-".join([f"{place.service}/{PREFIX}{declared.at:%H%M}", *_short_names(days)])
    yield _action(name, declared, weekly(minutes(declared.at), _names(days)), declared.min)
    last = [(day + declared.is_overnight) % len(WEEKDAYS) for day in days]
    over = weekly(minutes(declared.until), _names(last))
    yield _action(f"{name}{_OVER}", declared, over, manifest.least)


def _action(name: str, declared: Minimum, schedule: str, least: int) -> Resource:
    properties: dict[str, Json] = {
        "Schedule": schedule,
        "Timezone": declared.timezone,
        "ScalableTargetAction": {"MinCapacity": least},
        "StartTime": None,
        "EndTime": None,
    }
    return Resource(name, properties, {})


def _names(days: list[int]) -> list[str]:
    return [WEEKDAYS[day] for day in sorted(days)]


def _short_names(days: list[int]) -> list[str]:
    """Return the days as a part of a name; None for every day."""
    return [] if len(days) == len(WEEKDAYS) else _names(days)


def _range(declared: Minimum, place: ServicePlace) -> TaskRange:
    """Return the manifest's range. Raise OpsError if the minimum does not fit it."""
    manifest = f"copilot/{place.service}/manifest.yml"
    if has_off_hours(place):
        raise OpsError(
            f"`{place.service}` has off-hours in `{place.environment}` and a `scaling.minimum`, "
            "and each changes the other's limits",
            f"Write `scaling: {{minimum: []}}` under `environments: {place.environment}:` of "
            f"copilot/{place.service}/ops.yml, or remove the service from the off-hours' `order`.",
        )
    tasks = place.workload.tasks
    if tasks is None:
        raise OpsError(
            f"The task count of `{place.service}` cannot be read from its manifest, so its "
            "minimum could not be restored",
            f"Write its `count.range` with numbers in {manifest}.",
        )
    if not tasks.least < declared.min <= tasks.most:
        raise OpsError(
            f"A `scaling.minimum` of `{place.service}` is {declared.min} tasks, and its "
            f"manifest allows {tasks.least} to {tasks.most}",
            f"Set more than {tasks.least}, or widen `count.range` in {manifest}.",
        )
    return tasks
