"""The mute rules that silence the alarms of stopped services. Pure.

No alarm is lost: one that is still in alarm when a rule ends then takes its actions.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-mute-rules.html
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from ops.base.errors import OpsError
from ops.base.words import timestamp
from ops.control.mute_rules import LONGEST
from ops.copilot.place import EnvironmentPlace, ServicePlace
from ops.kinds.alarms.desired import desired as alarms_of
from ops.kinds.schedules.calendar import Calendar
from ops.kinds.schedules.names import ONCE, mute_name
from ops.kinds.schedules.settings import OffHours
from ops.kinds.times import DAY, WEEKDAYS
from ops.plan.model import Json, Resource

# After the alarms, which have to exist: deeper than composite alarms of any workspace nest, each
# of which has the stage after those that it refers to.
STAGE = 1_000_000

# The rules of one moved evening, and those after a manual stop.
EVENING, BY_HAND = f"{ONCE}evening", f"{ONCE}by-hand"
NIGHTS = "nights"

_AT_ONCE = 100  # the most alarms that one rule takes


def mute_rules(
    off_hours: OffHours, services: Sequence[ServicePlace], place: EnvironmentPlace
) -> list[Resource]:
    """Return a rule for the nights, one for the days off, one for each month with holidays.

    Raise OpsError if the alarms of a service are unknown: a shorter list would unmute them.
    """
    if not off_hours.mute:
        return []
    return [
        Resource(
            mute_name(place.application, place.environment, f"{short_name}{number or ''}"),
            {**rule, "MuteTargets": {"AlarmNames": names}},
            place.tags,
            STAGE,
        )
        for number, names in batches_of_alarms(services)
        for short_name, rule in _rules(off_hours, place.now)
    ]


def mute_once(
    off_hours: OffHours,
    services: Sequence[ServicePlace],
    place: EnvironmentPlace,
    short_name: str,
    start: datetime,
) -> dict[str, dict[str, Json]]:
    """Return, by name, the rules that mute from `start` until the services are back and settled.

    A mistake in a file must not prevent a manual stop in the evening: the rules omit the alarms of
    services in `unknown_alarms`.
    """
    if not off_hours.mute:
        return {}
    calendar = Calendar(off_hours)
    awake = calendar.next_up(start) + timedelta(minutes=off_hours.steps, seconds=off_hours.settle)
    duration = min(int((awake - start).total_seconds()) // 60, LONGEST)
    expression = calendar.local(start).strftime("at(%Y-%m-%dT%H:%M)")
    return {
        mute_name(place.application, place.environment, f"{short_name}{number or ''}"): {
            **_rule(off_hours, expression, duration, "for once"),
            "MuteTargets": {"AlarmNames": names},
        }
        for number, names in batches_of_alarms(with_known_alarms(services))
    }


def unknown_alarms(off_hours: OffHours, services: Sequence[ServicePlace]) -> dict[str, OpsError]:
    """Return the services whose alarms are unknown, with the reason; empty if nothing is muted."""
    mistakes = {service.service: _mistake(service) for service in services if off_hours.mute}
    return {service: error for service, error in mistakes.items() if error is not None}


def with_known_alarms(services: Sequence[ServicePlace]) -> list[ServicePlace]:
    """Return the services whose alarms can be read from their declarations."""
    return [service for service in services if _mistake(service) is None]


def is_nightly(name: str, place: EnvironmentPlace) -> bool:
    """Return whether a rule is for the nights; an override postpones those."""
    return name.startswith(mute_name(place.application, place.environment, NIGHTS))


def batches_of_alarms(services: Sequence[ServicePlace]) -> list[tuple[int, list[Json]]]:
    """Return the names of the declared alarms, in batches of as many as one rule allows.

    Alarms behind scaling policies are excluded, because they must continue to act. Raise OpsError
    if those of a service are unknown.
    """
    names: list[Json] = sorted({name for service in services for name in _alarms(service)})  # type: ignore[assignment]
    starts = range(0, len(names), _AT_ONCE)
    return [(start // _AT_ONCE, names[start : start + _AT_ONCE]) for start in starts]


def lasting(minutes: int) -> str:
    """Format a duration as ISO 8601."""
    hours, rest = divmod(minutes, 60)
    return f"PT{hours}H{rest}M" if rest else f"PT{hours}H"


def _alarms(service: ServicePlace) -> list[str]:
    try:
        return _declared(service)
    except OpsError as error:
        what = f"The alarms of `{service.service}` that have to be muted are unknown. {error.what}"
        raise OpsError(what, error.next_step) from error


def _mistake(service: ServicePlace) -> OpsError | None:
    try:
        _declared(service)
    except OpsError as error:
        return error
    return None


def _declared(service: ServicePlace) -> list[str]:
    settings = service.declared.get("alarms")
    return [] if settings is None else [alarm.name for alarm in alarms_of(settings, service)]


def _rules(off_hours: OffHours, now: datetime) -> Iterator[tuple[str, dict[str, Json]]]:
    # Every day has its night, so nights and days off need not know of each other.
    start = f"{off_hours.down.minute} {off_hours.down.hour}"
    yield NIGHTS, _rule(off_hours, f"cron({start} * * *)", off_hours.night, "at night")
    days_off = ",".join(day.upper() for day in WEEKDAYS if day not in off_hours.weekdays)
    if days_off:
        yield "days-off", _rule(off_hours, f"cron(0 0 * * {days_off})", DAY, "on days off")
    calendar = Calendar(off_hours)
    for (year, month), days in groupby(
        sorted(off_hours.holidays), lambda day: (day.year, day.month)
    ):
        first = date(year, month, 1)
        # The rule would come back every year: it begins and ends with its month, a day to spare on
        # both sides: AWS documents that the time zone affects these dates, but not how.
        begin = calendar.moment(first, 0) - timedelta(days=1)
        after = (first + timedelta(days=31)).replace(day=1) + timedelta(days=1)
        expires = calendar.moment(after, 0)
        if expires > now:
            listed = ",".join(str(day.day) for day in sorted(set(days)))
            yield (
                f"{first:%Y-%m}",
                {
                    **_rule(off_hours, f"cron(0 0 {listed} {month} *)", DAY, "on holidays"),
                    "StartDate": timestamp(begin) if begin > now else None,
                    "ExpireDate": timestamp(expires),
                },
            )


def _rule(off_hours: OffHours, expression: str, duration: int, when: str) -> dict[str, Json]:
    schedule: Mapping[str, Json] = {
        "Expression": expression,
        "Duration": lasting(duration),
        "Timezone": off_hours.timezone,
    }
    return {
        "Description": f"The services are down {when}. (ops: copilot/ops.yml)",
        "Rule": {"Schedule": schedule},
        "StartDate": None,
        "ExpireDate": None,
    }
