"""Policies and actions that the service model accepts and Application Auto Scaling refuses.

AWS: step adjustments with gaps, overlaps or no bound at all, more than 20 of them, time zones that
Joda-Time does not know, a minimum above the maximum.
https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html

moto: accepts all of them.
"""

from __future__ import annotations

import functools
import zoneinfo
from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from ops.control.scaling import action_refusals, capacity_refusals, policy_refusals
from ops.local.gaps.requests.parameters import parameters_of, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def _of_action(parameters: Mapping[str, Any]) -> Iterator[str]:
    return action_refusals(parameters, zoneinfo.available_timezones())


def _of_target(parameters: Mapping[str, Any]) -> Iterator[str]:
    return capacity_refusals(parameters.get("MinCapacity"), parameters.get("MaxCapacity"))


def _checked(original: Any, refusals: Callable[[Mapping[str, Any]], Iterator[str]]) -> Any:
    @functools.wraps(original)
    def put(self: ApplicationAutoScalingResponse) -> Any:
        refuse(self, list(refusals(parameters_of(self) or {})))
        return original(self)

    put.checks_rules = True  # type: ignore[attr-defined]
    return put


def close() -> None:
    """Check requests as Application Auto Scaling does."""
    response: Any = ApplicationAutoScalingResponse
    if hasattr(response.put_scaling_policy, "checks_rules"):
        return
    response.put_scaling_policy = _checked(response.put_scaling_policy, policy_refusals)
    response.put_scheduled_action = _checked(response.put_scheduled_action, _of_action)
    response.register_scalable_target = _checked(response.register_scalable_target, _of_target)
