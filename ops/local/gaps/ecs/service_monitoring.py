"""The `monitoring` configuration of a service.

AWS: CreateService and UpdateService set the resolution of a service's CPUUtilization and
MemoryUtilization, 20 or 60 seconds; DescribeServiceRevisions returns it, DescribeServices does not.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MonitoringConfiguration.html

moto: CreateService drops it, UpdateService keeps anything.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.responses import EC2ContainerServiceResponse

from ops.control.ecs.monitoring import monitoring_refusals

if TYPE_CHECKING:
    from collections.abc import Callable


def _checked(original: Callable[[EC2ContainerServiceResponse], Any]) -> Any:
    @functools.wraps(original)
    def answer(self: EC2ContainerServiceResponse) -> Any:
        if reasons := list(monitoring_refusals(self._get_param("monitoring"))):
            raise InvalidParameterException("; ".join(reasons))
        return original(self)

    answer.checks_monitoring = True  # type: ignore[attr-defined]
    return answer


def close() -> None:
    """Refuse what ECS refuses. `ops.local.gaps.ecs.services` keeps the rest."""
    response: Any = EC2ContainerServiceResponse
    if not hasattr(response.create_service, "checks_monitoring"):
        response.create_service = _checked(response.create_service)
        response.update_service = _checked(response.update_service)
