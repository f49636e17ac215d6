"""The requests that make what keeps off-hours. Pure."""

from collections.abc import Mapping
from typing import Any

from ops.aws.constraints import Request
from ops.copilot.place import ServicePlace
from ops.kinds.schedules.names import TARGET, action_key, own_name, service_of
from ops.plan.model import Create, Resource


def action_parameters(
    services: Mapping[str, ServicePlace], name: str, properties: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the parameters of PutScheduledAction."""
    return {**action_key(services, name), **properties}


def requests(services: Mapping[str, ServicePlace], wanted: Resource) -> list[Request]:
    """Return those of actions and mute rules. Nobody chooses anything of a target."""
    name, result = wanted.name, Create(wanted).result
    if service_of(name) is None:
        return [Request("cloudwatch", "PutAlarmMuteRule", {"Name": name, **result})]
    if own_name(name) == TARGET:
        return []
    parameters = action_parameters(services, name, result)
    return [Request("application-autoscaling", "PutScheduledAction", parameters)]
