"""Which scheduled actions raise a service's minimum, and put it back. Pure.

Properties are the parameters of PutScheduledAction:
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
The maximum is not mentioned: it stays what Copilot, or whoever else, made it.
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

# Scheduled actions have no tags: a name that begins so says that `ops` made one.
PREFIX = "ops-minimum-"
_OVER = "-over"


def minimum(settings: Settings, place: ServicePlace) -> list[Resource]:
    """Two actions for each of the section's minimums, each named `<service>/<action>`.

    Raises OpsError for a service with off-hours, which set the same bounds, and for a minimum that
    is not within the manifest's range.
    """
    return [each for declared in settings.minimum for each in _actions(declared, place)]


def is_minimum(name: str) -> bool:
    """Whether a name in a plan is that of such an action."""
    return own_name(name).startswith(PREFIX)


def raised_by(name: str) -> str | None:
    """The action whose minimum the named one puts back; None for one that puts none back."""
    return name.removesuffix(_OVER) if name.endswith(_OVER) else None


def _actions(declared: Minimum, place: ServicePlace) -> Iterator[Resource]:
    manifest = _range(declared, place)
    days = [WEEKDAYS.index(day) for day in declared.weekdays]
    name = "-".join([f"{place.service}/{PREFIX}{declared.at:%H%M}", *_named(days)])
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


def _named(days: list[int]) -> list[str]:
    """The days of a name; none when it is every day."""
    return [] if len(days) == len(WEEKDAYS) else _names(days)


def _range(declared: Minimum, place: ServicePlace) -> TaskRange:
    """The manifest's, checked."""
    manifest = f"copilot/{place.service}/manifest.yml"
    if has_off_hours(place):
        raise OpsError(
            f"`{place.service}` has off-hours in `{place.environment}` and a `scaling.minimum`, "
            "and either undoes the other's bounds",
            f"Write `scaling: {{minimum: []}}` under `environments: {place.environment}:` of "
            f"copilot/{place.service}/ops.yml, or take the service out of the off-hours' `order`.",
        )
    tasks = place.workload.tasks
    if tasks is None:
        raise OpsError(
            f"How many tasks `{place.service}` has cannot be read from its manifest, so its "
            "minimum could not be put back",
            f"Write its `count.range` with numbers in {manifest}.",
        )
    if not tasks.least < declared.min <= tasks.most:
        raise OpsError(
            f"A `scaling.minimum` of `{place.service}` asks for {declared.min} tasks, and its "
            f"manifest allows {tasks.least} to {tasks.most}",
            f"Give more than {tasks.least}, or widen `count.range` in {manifest}.",
        )
    return tasks
