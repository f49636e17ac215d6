"""The desired resources of off-hours. Pure: settings, names and the time in, properties out.

Properties are the parameters of PutScheduledAction and PutAlarmMuteRule:
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias

from ops.aws.autoscaling.values import DIMENSION
from ops.base.errors import DeclarationError, OpsError
from ops.base.words import timestamp
from ops.control.scaling import MOST_ACTIONS
from ops.copilot.place import EnvironmentPlace, ServicePlace
from ops.copilot.workload import TaskRange
from ops.kinds.plan_names import own_name
from ops.kinds.schedules.calendar import Calendar
from ops.kinds.schedules.guard import check_production
from ops.kinds.schedules.muting import mute_rules
from ops.kinds.schedules.names import PREFIX, action_name, target_name
from ops.kinds.schedules.settings import OffHours, Settings
from ops.kinds.schedules.staying import staying
from ops.kinds.times import minutes, weekly
from ops.plan.model import Json, Resource

_TARGETS, _ACTIONS = 0, 1  # stages: an action needs its target

_Named: TypeAlias = tuple[str, dict[str, Json]]


def desired(settings: Settings, place: EnvironmentPlace) -> list[Resource]:
    """Return the scalable targets, scheduled actions and mute rules of the environment's off-hours.

    Raise OpsError for production that is not confirmed, for a service that is not deployed or has
    an unknown number of tasks, or for one with unknown alarms.
    """
    off_hours = settings.off_hours
    if off_hours is None:
        return []
    check_production(off_hours, place.environment)
    return [
        *targets_and_actions(off_hours, place),
        *mute_rules(off_hours, ordered_services(off_hours, place), place),
    ]


def targets_and_actions(off_hours: OffHours, place: EnvironmentPlace) -> list[Resource]:
    """Return the resources that stop and start the services, without the mute rules.

    Raise OpsError for a service that is not deployed or has an unknown number of tasks.
    """
    services = ordered_services(off_hours, place)
    resources = {service.service: list(_service(off_hours, service, place)) for service in services}
    for name, of_service in resources.items():
        if (count := sum(resource.stage == _ACTIONS for resource in of_service)) > MOST_ACTIONS:
            raise DeclarationError(
                f"The off-hours of `{name}` take {count} scheduled actions, one for each "
                f"holiday, and AWS takes {MOST_ACTIONS} for a service",
                "Remove `holidays` that have passed, or that are years away.",
                ("schedules", "off_hours", "holidays"),
            )
    return [resource for of_service in resources.values() for resource in of_service]


def bringing_up(off_hours: OffHours, place: EnvironmentPlace) -> list[str]:
    """Return the names of the actions that start the services. Raise the same OpsErrors."""
    names = [action.name for action in targets_and_actions(off_hours, place)]
    return [name for name in names if own_name(name).startswith(f"{PREFIX}up")]


def warnings(settings: Settings, place: EnvironmentPlace) -> list[str]:
    """Yield warnings about settings that can be carried out but may surprise."""
    off_hours = settings.off_hours
    if off_hours is None:
        return []
    services = [
        service for service in ordered_services(off_hours, place) if _loses_its_minimum(service)
    ]
    warnings = [staying(off_hours, service, tasks_of(service)) for service in services]
    return [warning for warning in warnings if warning is not None]


def ordered_services(off_hours: OffHours, place: EnvironmentPlace) -> list[ServicePlace]:
    """Return the services in the order in which they stop. Raise OpsError if one is not
    deployed.
    """
    deployed = {service.service: service for service in place.services}
    missing = [name for name in off_hours.order if name not in deployed]
    if missing:
        raise OpsError(
            f"The off-hours of `{place.environment}` name `{missing[0]}`, which is not deployed "
            "there",
            f"Run `copilot svc deploy -n {missing[0]} -e {place.environment}`, or remove it from "
            "`order` in copilot/ops.yml.",
        )
    return [deployed[name] for name in off_hours.order]


def tasks_of(service: ServicePlace) -> TaskRange:
    """Return the service's task range from its manifest. Raise OpsError if the manifest
    has none.
    """
    if service.workload.tasks is None:
        raise OpsError(
            f"How many tasks `{service.service}` has cannot be read from its manifest, so "
            "off-hours could not bring it back",
            f"Write its `count` as a number or a range in copilot/{service.service}/manifest.yml.",
        )
    return service.workload.tasks


def drains(service: ServicePlace) -> bool:
    """Return whether a service consumes a queue, so that it runs until the queue is empty."""
    return service.queue is not None


def _loses_its_minimum(service: ServicePlace) -> bool:
    """Return whether the service's own policies remove its tasks once its queue is empty."""
    tasks = tasks_of(service)
    return drains(service) and tasks.least < tasks.most


def _service(
    off_hours: OffHours, service: ServicePlace, place: EnvironmentPlace
) -> Iterator[Resource]:
    name = service.service
    if service.stack.scalable_target is None:
        registered: dict[str, Json] = {"ScalableDimension": DIMENSION}
        yield Resource(target_name(name), registered, service.tags, _TARGETS)
    for short_name, action in (*_down(off_hours, service), *_up(off_hours, service, place.now)):
        properties: dict[str, Json] = {
            "Timezone": off_hours.timezone,
            "StartTime": None,
            "EndTime": None,
            **action,
        }
        yield Resource(action_name(name, short_name), properties, {}, _ACTIONS)


def _down(off_hours: OffHours, service: ServicePlace) -> Iterator[_Named]:
    """Return actions that stop a service every day, so that a manual start on a Sunday also ends in
    the evening.

    A service that consumes a queue only loses its minimum: a policy that tracks the queue removes
    its tasks when that is empty, and `at_latest` stops it in any case (`warnings` covers services
    without such a policy).
    """
    tasks, minute = tasks_of(service), minute_of_down(off_hours, service.service)
    if not drains(service):
        yield "down", {"Schedule": _daily(minute), **_between(0, 0)}
        return
    if _loses_its_minimum(service):
        yield "down", {"Schedule": _daily(minute), **_between(0, tasks.most)}
    elif off_hours.at_latest is None:
        raise OpsError(
            f"`{service.service}` consumes a queue and has a fixed count, so nothing would "
            "remove its tasks when the queue is empty",
            f"Give it a range and a scaling policy in copilot/{service.service}/, or set when it "
            "stops in any case: `schedules.off_hours.at_latest` in copilot/ops.yml.",
        )
    if off_hours.at_latest is not None:
        yield "stop", {"Schedule": _daily(minutes(off_hours.at_latest)), **_between(0, 0)}


def _up(off_hours: OffHours, service: ServicePlace, now: datetime) -> Iterator[_Named]:
    """Return actions that start a service on working days: one for each run of days between
    holidays.
    """
    tasks, minute = tasks_of(service), minute_of_up(off_hours, service.service)
    for stretch in Calendar(off_hours).stretches(minute, now):
        yield (
            f"up-before-{stretch.before}" if stretch.before else "up",
            {
                "Schedule": weekly(minute, off_hours.weekdays),
                **_between(tasks.least, tasks.most),
                "StartTime": timestamp(stretch.start) if stretch.start else None,
                "EndTime": timestamp(stretch.end) if stretch.end else None,
            },
        )


def minute_of_down(off_hours: OffHours, service: str) -> int:
    """Return the minute of the day at which a service stops."""
    return minutes(off_hours.down) + off_hours.order.index(service) * off_hours.gap // 60


def minute_of_up(off_hours: OffHours, service: str) -> int:
    """Return the minute of the day at which a service starts; the last to stop starts first."""
    place = len(off_hours.order) - 1 - off_hours.order.index(service)
    return minutes(off_hours.up) + place * off_hours.gap // 60


def _daily(minute: int) -> str:
    return f"cron({minute % 60} {minute // 60} * * ? *)"


def _between(least: int, most: int) -> dict[str, Json]:
    return {"ScalableTargetAction": {"MinCapacity": least, "MaxCapacity": most}}
