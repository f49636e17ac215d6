"""The changes of an override. Pure: settings, names and moments in, changes out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from ops.base.errors import OpsError
from ops.copilot.place import EnvironmentPlace
from ops.kinds.plan_names import own_name, service_of
from ops.kinds.schedules.calendar import Calendar
from ops.kinds.schedules.desired import minute_of_down, ordered_services, targets_and_actions
from ops.kinds.schedules.muting import EVENING, is_nightly, mute_once, mute_rules, with_known_alarms
from ops.kinds.schedules.names import ONCE, ONE_TIME, PREFIX
from ops.kinds.schedules.settings import OffHours
from ops.kinds.times import minutes
from ops.plan.model import Json, Resource


@dataclass(frozen=True)
class PutOff:
    """A daily action or rule, and the time from which it applies again."""

    name: str
    start: datetime | None


@dataclass(frozen=True)
class Shift:
    """The resources that move one evening's end: names as in plans, properties as in AWS.

    `once` are the actions and rules of this evening alone; `put_off` the daily ones, with a start
    time if they would still affect this evening.
    """

    until: datetime
    once: Mapping[str, Mapping[str, Json]]
    put_off: tuple[PutOff, ...]


def end_of_evening(off_hours: OffHours, end: time, now: datetime) -> datetime:
    """Return the next moment with that time of day.

    Before the services start in the morning, it may be the evening of the same day. Raise OpsError
    if the last service would stop after the first one has started automatically.
    """
    calendar = Calendar(off_hours)
    until = calendar.next_daily(now, minutes(end))
    up = calendar.next_up(now)
    if not calendar.is_up(now) and until > calendar.next_daily(up, minutes(off_hours.down)):
        up = calendar.next_up(until)
    if until + timedelta(minutes=off_hours.steps) >= up:
        raise OpsError(
            f"At the next {end:%H:%M}, not all services would be down before they come up "
            f"automatically, at {calendar.shown(up)}",
            "Pass an earlier time.",
        )
    return until


def comes_up_now(off_hours: OffHours, until: datetime, now: datetime) -> bool:
    """Return whether the services must be started: they are down and the morning is not near."""
    calendar = Calendar(off_hours)
    return not calendar.is_up(now) and until < calendar.next_up(now)


def moved(off_hours: OffHours, place: EnvironmentPlace, until: datetime) -> Shift:
    """Return the changes that delay everything in an evening by the same time.

    Nothing is delayed beyond the morning, where it would stop a service for the day.
    """
    calendar, first = Calendar(off_hours), minutes(off_hours.down)
    latest = calendar.next_up(until) - timedelta(minutes=1)
    services = ordered_services(off_hours, place)
    once, put_off = dict[str, Mapping[str, Json]](), list[PutOff]()
    for name, minute, action in _ends(off_hours, place):
        moment = min(until + timedelta(minutes=minute - first), latest)
        once[once_name(name)] = {
            "Schedule": calendar.local(moment).strftime(ONE_TIME),
            "Timezone": off_hours.timezone,
            "ScalableTargetAction": action,
        }
        is_late = calendar.next_daily(place.now, minute) <= moment
        put_off.append(PutOff(name, calendar.next_daily(moment, minute) if is_late else None))
    once |= mute_once(off_hours, services, place, EVENING, until)
    # In the night the rule is at work, and to put it off would let the alarms go at once.
    is_late = calendar.is_up(place.now) and calendar.next_daily(place.now, first) <= until
    put_off += [
        PutOff(rule.name, until if is_late else None)
        for rule in mute_rules(off_hours, with_known_alarms(services), place)
        if is_nightly(rule.name, place)
    ]
    return Shift(until, once, tuple(put_off))


def regular(off_hours: OffHours, place: EnvironmentPlace) -> Shift:
    """Return the changes that undo an override; `once` has only names."""
    shift = moved(off_hours, place, place.now)
    put_off = tuple(PutOff(daily.name, None) for daily in shift.put_off)
    return Shift(place.now, {name: {} for name in shift.once}, put_off)


def once_name(name: str) -> str:
    """Return the name of an action for one evening."""
    return name.replace(f"/{PREFIX}", f"/{PREFIX}{ONCE}")


def _ends(off_hours: OffHours, place: EnvironmentPlace) -> Iterator[tuple[str, int, Json]]:
    """Return the actions that remove tasks, and the minute of the day of each."""
    for action in targets_and_actions(off_hours, place):
        service, short_name = service_of(action.name), own_name(action.name).removeprefix(PREFIX)
        if service is not None and short_name == "down":
            yield action.name, minute_of_down(off_hours, service), _action(action)
        elif short_name == "stop" and off_hours.at_latest is not None:
            yield action.name, minutes(off_hours.at_latest), _action(action)


def _action(resource: Resource) -> Json:
    return resource.properties["ScalableTargetAction"]
