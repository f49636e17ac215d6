"""What keeps off-hours. Pure: settings, names and the time in, properties out.

Properties are the parameters of PutScheduledAction and PutAlarmMuteRule:
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias

from ops.base.errors import DeclarationError, OpsError
from ops.control.scaling import MOST_ACTIONS
from ops.copilot.place import EnvironmentPlace, ServicePlace
from ops.copilot.workload import TaskRange
from ops.kinds.schedules.calendar import Calendar, weekly
from ops.kinds.schedules.guard import check_production
from ops.kinds.schedules.muting import as_text, mute_rules
from ops.kinds.schedules.names import DIMENSION, PREFIX, action_name, own_name, target_name
from ops.kinds.schedules.settings import OffHours, Settings, minutes
from ops.kinds.schedules.staying import staying
from ops.plan.model import Json, Resource

_TARGETS, _ACTIONS = 0, 1  # stages: an action needs its target

_Named: TypeAlias = tuple[str, dict[str, Json]]


def desired(settings: Settings, place: EnvironmentPlace) -> list[Resource]:
    """The scalable targets, scheduled actions and mute rules of the environment's off-hours.

    Raises OpsError for production that is not confirmed, for a service that is not there or whose
    number of tasks is unknown, and for one whose alarms are.
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
    """What takes the services down and brings them up, without what mutes their alarms.

    Raises OpsError for a service that is not there or whose number of tasks is unknown.
    """
    services = ordered_services(off_hours, place)
    resources = {each.service: list(_service(off_hours, each, place)) for each in services}
    for service, made in resources.items():
        if (count := sum(each.stage == _ACTIONS for each in made)) > MOST_ACTIONS:
            raise DeclarationError(
                f"The off-hours of `{service}` take {count} scheduled actions, one for each "
                f"holiday, and AWS takes {MOST_ACTIONS} for a service",
                "Remove `holidays` that have passed, or that are years away.",
                ("schedules", "off_hours", "holidays"),
            )
    return [each for made in resources.values() for each in made]


def bringing_up(off_hours: OffHours, place: EnvironmentPlace) -> list[str]:
    """The names of the actions that bring the services up. Raises OpsError as they do."""
    names = [each.name for each in targets_and_actions(off_hours, place)]
    return [name for name in names if own_name(name).startswith(f"{PREFIX}up")]


def warnings(settings: Settings, place: EnvironmentPlace) -> list[str]:
    """What a plan tells of the settings, although they can be carried out."""
    off_hours = settings.off_hours
    if off_hours is None:
        return []
    services = [each for each in ordered_services(off_hours, place) if _loses_its_minimum(each)]
    told = [staying(off_hours, each, tasks_of(each)) for each in services]
    return [each for each in told if each is not None]


def ordered_services(off_hours: OffHours, place: EnvironmentPlace) -> list[ServicePlace]:
    """The services as they go down. Raises OpsError when one is not there."""
    deployed = {each.service: each for each in place.services}
    missing = [name for name in off_hours.order if name not in deployed]
    if missing:
        raise OpsError(
            f"The off-hours of `{place.environment}` name `{missing[0]}`, which is not deployed "
            "there",
            f"Run `copilot svc deploy -n {missing[0]} -e {place.environment}`, or take it out of "
            "`order` in copilot/ops.yml.",
        )
    return [deployed[name] for name in off_hours.order]


def tasks_of(service: ServicePlace) -> TaskRange:
    """How many tasks the manifest gives it. Raises OpsError where it does not say."""
    if service.workload.tasks is None:
        raise OpsError(
            f"How many tasks `{service.service}` has cannot be read from its manifest, so "
            "off-hours could not bring it back",
            f"Write its `count` as a number or a range in copilot/{service.service}/manifest.yml.",
        )
    return service.workload.tasks


def drains(service: ServicePlace) -> bool:
    """Whether it works off a queue, its own or Copilot's, and so stays until that is empty."""
    return service.queue is not None


def _loses_its_minimum(service: ServicePlace) -> bool:
    """Whether its own policies are to take it in, once its queue is empty."""
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
    """Down on every day, so that whoever brings it up on a Sunday need not think of the evening.

    What works off a queue loses its minimum only: a policy that tracks the queue takes it in when
    that is empty, and `at_latest` stops it whatever is left (`warnings`: where no policy would).
    """
    tasks, minute = tasks_of(service), minute_of_down(off_hours, service.service)
    if not drains(service):
        yield "down", {"Schedule": _daily(minute), **_between(0, 0)}
        return
    if _loses_its_minimum(service):
        yield "down", {"Schedule": _daily(minute), **_between(0, tasks.most)}
    elif off_hours.at_latest is None:
        raise OpsError(
            f"`{service.service}` works off a queue and has a fixed count, so nothing would take "
            "its tasks in when the queue is empty",
            f"Give it a range and a scaling policy in copilot/{service.service}/, or say when it "
            "stops whatever is left: `schedules.off_hours.at_latest` in copilot/ops.yml.",
        )
    if off_hours.at_latest is not None:
        yield "stop", {"Schedule": _daily(minutes(off_hours.at_latest)), **_between(0, 0)}


def _up(off_hours: OffHours, service: ServicePlace, now: datetime) -> Iterator[_Named]:
    """Up on working days: one action for each stretch of them between holidays."""
    tasks, minute = tasks_of(service), minute_of_up(off_hours, service.service)
    for stretch in Calendar(off_hours).stretches(minute, now):
        yield (
            f"up-before-{stretch.before}" if stretch.before else "up",
            {
                "Schedule": weekly(minute, off_hours.weekdays),
                **_between(tasks.least, tasks.most),
                "StartTime": as_text(stretch.start) if stretch.start else None,
                "EndTime": as_text(stretch.end) if stretch.end else None,
            },
        )


def minute_of_down(off_hours: OffHours, service: str) -> int:
    """The minute of the day at which it is a service's turn to go."""
    return minutes(off_hours.down) + off_hours.order.index(service) * off_hours.gap // 60


def minute_of_up(off_hours: OffHours, service: str) -> int:
    """The minute of the day at which it is a service's turn to come: the last to go is first."""
    place = len(off_hours.order) - 1 - off_hours.order.index(service)
    return minutes(off_hours.up) + place * off_hours.gap // 60


def _daily(minute: int) -> str:
    return f"cron({minute % 60} {minute // 60} * * ? *)"


def _between(least: int, most: int) -> dict[str, Json]:
    return {"ScalableTargetAction": {"MinCapacity": least, "MaxCapacity": most}}
