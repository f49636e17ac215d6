"""The names of off-hours resources, in plans and in AWS. Pure.

Application Auto Scaling gives scheduled actions no tags, so their names identify their owner. In
plans, a name that belongs to a service begins with the service; a mute rule's name has no slash.
"""

from datetime import datetime
from enum import Enum
from zoneinfo import ZoneInfo

from ops.kinds.plan_names import own_name, service_of

PREFIX = "ops-off-hours-"
TARGET = "scalable-target"

# An override's, for one evening: neither declared nor surplus until it has passed.
ONCE = "once-"
ONE_TIME = "at(%Y-%m-%dT%H:%M:%S)"


class Type(Enum):
    """The AWS types of off-hours resources."""

    TARGET = "scalable target"
    ACTION = "scheduled action"
    MUTE_RULE = "alarm mute rule"


def type_of(name: str) -> Type:
    """Return the type of the resource with this name in plans."""
    if service_of(name) is None:
        return Type.MUTE_RULE
    return Type.TARGET if own_name(name) == TARGET else Type.ACTION


def action_name(service: str, short_name: str) -> str:
    """Return the name of a scheduled action of a service, such as `down`."""
    return f"{service}/{PREFIX}{short_name}"


def target_name(service: str) -> str:
    """Return the name of the scalable target of a service that Copilot gave none."""
    return f"{service}/{TARGET}"


def mute_name(application: str, environment: str, short_name: str) -> str:
    """Return the name of a mute rule. Such names are unique in an account and region."""
    return f"{application}-{environment}-off-hours-{short_name}"


def is_surplus(name: str, schedule: str, timezone: str, now: datetime) -> bool:
    """Return whether `ops` made a scheduled action that is not a future override."""
    name = own_name(name)
    if not name.startswith(PREFIX + ONCE):
        return name.startswith(PREFIX)
    end = datetime.strptime(schedule, ONE_TIME).replace(tzinfo=ZoneInfo(timezone))
    return end <= now
