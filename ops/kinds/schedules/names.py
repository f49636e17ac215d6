"""The names of off-hours resources, in plans and in AWS.

Application Auto Scaling gives scheduled actions no tags, so their names identify their owner. In
plans, a name that belongs to a service begins with the service; a mute rule's name has no slash.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ops.copilot.place import ServicePlace

PREFIX = "ops-off-hours-"
TARGET = "scalable-target"
DIMENSION = "ecs:service:DesiredCount"

# An override's, for one evening: neither declared nor surplus until it has passed.
ONCE = "once-"
ONE_TIME = "at(%Y-%m-%dT%H:%M:%S)"


def action_name(service: str, short_name: str) -> str:
    """Return the name of a scheduled action of a service, such as `down`."""
    return f"{service}/{PREFIX}{short_name}"


def target_name(service: str) -> str:
    """Return the name of the scalable target of a service that Copilot gave none."""
    return f"{service}/{TARGET}"


def mute_name(application: str, environment: str, short_name: str) -> str:
    """Return the name of a mute rule. Such names are unique in an account and region."""
    return f"{application}-{environment}-off-hours-{short_name}"


def is_surplus(name: str, action: Mapping[str, Any], now: datetime) -> bool:
    """Return whether `ops` made a scheduled action, and it is no override that is still to come."""
    name = own_name(name)
    if not name.startswith(PREFIX + ONCE):
        return name.startswith(PREFIX)
    zone = ZoneInfo(str(action["Timezone"]))
    return datetime.strptime(str(action["Schedule"]), ONE_TIME).replace(tzinfo=zone) <= now


def service_of(name: str) -> str | None:
    """Return the service in a name; None for a mute rule."""
    service, slash, _ = name.partition("/")
    return service if slash else None


def own_name(name: str) -> str:
    """Return the name in AWS, without the service."""
    return name.rpartition("/")[2]


def resource_id(service: ServicePlace) -> str:
    """Return the resource ID of the service in Application Auto Scaling."""
    return f"service/{service.stack.cluster}/{service.stack.service}"


def target_key(service: ServicePlace) -> dict[str, Any]:
    """Return the parameters that identify the service's scalable target."""
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": resource_id(service),
        "ScalableDimension": DIMENSION,
    }


def action_key(services: Mapping[str, ServicePlace], name: str) -> dict[str, Any]:
    """Return the parameters that identify a scheduled action of one of these services."""
    service = services[service_of(name) or ""]
    return {**target_key(service), "ScheduledActionName": own_name(name)}
