"""Roles that EventBridge cannot assume.

AWS: PutRule and PutTargets refuse a role that does not exist or does not trust EventBridge:
"Provided role 'arn:…' cannot be assumed by principal 'events.amazonaws.com'".
Seen for PutRule: https://github.com/Miserlou/Zappa/issues/381. The same is assumed for
PutTargets: messages through such a role would never arrive.

moto: accepts any text as a role.
"""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any

from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

if TYPE_CHECKING:
    from collections.abc import Callable

_PRINCIPAL = "events.amazonaws.com"


def close() -> None:
    """Refuse targets whose role EventBridge cannot assume."""
    original = EventsBackend.put_targets
    if not hasattr(original, "__wrapped__"):
        EventsBackend.put_targets = _checked(original)  # type: ignore[method-assign]


def _checked(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def put_targets(
        self: EventsBackend, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]
    ) -> None:
        for target in targets:
            role = target.get("RoleArn")
            if role is not None and not _assumable(self, role):
                raise ValidationException(
                    f"Provided role '{role}' cannot be assumed by principal '{_PRINCIPAL}'."
                )
        original(self, name, event_bus_arn, targets)

    return put_targets


def _assumable(backend: EventsBackend, arn: str) -> bool:
    roles = iam_backends[backend.account_id][get_partition(backend.region_name)]
    try:
        trust = roles.get_role_by_arn(arn).assume_role_policy_document
    except NotFoundException:
        return False
    statements = json.loads(trust)["Statement"]
    for statement in [statements] if isinstance(statements, dict) else statements:
        services = statement.get("Principal", {}).get("Service", ())
        if statement.get("Effect") == "Allow" and _PRINCIPAL in (
            [services] if isinstance(services, str) else services
        ):
            return True
    return False
