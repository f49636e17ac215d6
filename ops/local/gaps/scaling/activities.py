"""Scaling activities, and limits that change the count.

AWS: RegisterScalableTarget brings the number of tasks within new limits, and
DescribeScalingActivities returns that activity, the newest first.
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingActivities.html

moto: leaves the count alone, and has no DescribeScalingActivities.
"""

from __future__ import annotations

import functools
import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

if TYPE_CHECKING:
    from moto.applicationautoscaling.models import FakeScalableTarget

    from ops.control.autoscaling.model import Limits

DIMENSION = "ecs:service:DesiredCount"
_KEPT = 2000
_PAGE = 50  # activities that AWS answers at most


def _activities(backend: ApplicationAutoscalingBackend) -> list[dict[str, Any]]:
    activities: list[dict[str, Any]] = backend.__dict__.setdefault("scaling_activities", [])
    return activities


def scale(backend: ApplicationAutoscalingBackend, resource_id: str, count: int, cause: str) -> None:
    """Set the task count of `service/<cluster>/<service>`, and record an activity."""
    _, cluster, service = resource_id.split("/")
    backend.ecs_backend.update_service(
        {"cluster": cluster, "service": service, "desired_count": count}
    )
    now = time.time()
    activity = {
        "ActivityId": str(uuid.uuid4()),
        "ServiceNamespace": "ecs",
        "ResourceId": resource_id,
        "ScalableDimension": DIMENSION,
        "Description": f"Setting desired count to {count}.",
        "Cause": cause,
        "StartTime": now,
        "EndTime": now,
        "StatusCode": "Successful",
        "StatusMessage": (
            f"Successfully set desired count to {count}. Change successfully fulfilled by ecs."
        ),
    }
    _activities(backend).insert(0, activity)


def not_scaled(
    backend: ApplicationAutoscalingBackend,
    resource_id: str,
    cause: str,
    code: str,
    current: int,
    limits: Limits | None,
) -> None:
    """Record an activity that changed nothing, for IncludeNotScaledActivities.

    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_NotScaledReason.html
    """
    reason: dict[str, Any] = {"Code": code, "CurrentCapacity": current}
    if limits is not None and code == "AlreadyAtMaxCapacity":
        reason["MaxCapacity"] = limits.maximum
    if limits is not None and code == "AlreadyAtMinCapacity":
        reason["MinCapacity"] = limits.minimum
    now = time.time()
    activities = _activities(backend)
    activities.insert(
        0,
        {
            "ActivityId": str(uuid.uuid4()),
            "ServiceNamespace": "ecs",
            "ResourceId": resource_id,
            "ScalableDimension": DIMENSION,
            "Description": "Attempting to scale due to alarm triggered",
            "Cause": cause,
            "StartTime": now,
            "EndTime": now,
            "StatusCode": "Unfulfilled",
            "StatusMessage": "The desired count is unchanged.",
            "NotScaledReasons": [reason],
        },
    )
    del activities[_KEPT:]


def _describe(self: ApplicationAutoScalingResponse) -> str:
    named, all_of_them = (
        self._get_param("ResourceId"),
        self._get_param("IncludeNotScaledActivities"),
    )
    activities = [
        activity
        for activity in _activities(self.applicationautoscaling_backend)
        if named in (None, activity["ResourceId"])
        and (all_of_them or "NotScaledReasons" not in activity)
    ]
    begin, size = int(self._get_param("NextToken") or 0), self._get_param("MaxResults") or _PAGE
    answer: dict[str, Any] = {"ScalingActivities": activities[begin : begin + size]}
    if len(activities) > begin + size:
        answer["NextToken"] = str(begin + size)
    return json.dumps(answer)


def _bring_within(backend: ApplicationAutoscalingBackend, target: FakeScalableTarget) -> None:
    _, cluster, name = target.resource_id.split("/")
    (service,), _ = backend.ecs_backend.describe_services(cluster, [name])
    least, most = target.min_capacity, target.max_capacity
    if least is not None and service.desired_count < least:
        scale(backend, target.resource_id, least, f"minimum capacity was set to {least}")
    elif most is not None and service.desired_count > most:
        scale(backend, target.resource_id, most, f"maximum capacity was set to {most}")


def close() -> None:
    """Apply limits to the count, and list the activities."""
    original = ApplicationAutoscalingBackend.register_scalable_target
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def register_scalable_target(
        self: ApplicationAutoscalingBackend,
        namespace: str,
        r_id: str,
        dimension: str,
        *rest: Any,
        **settings: Any,
    ) -> FakeScalableTarget:
        is_change = self._scalable_target_exists(r_id, dimension)
        target = original(self, namespace, r_id, dimension, *rest, **settings)
        if is_change and dimension == DIMENSION:
            _bring_within(self, target)
        return target

    ApplicationAutoscalingBackend.register_scalable_target = register_scalable_target  # type: ignore[method-assign]
    ApplicationAutoScalingResponse.describe_scaling_activities = _describe  # type: ignore[attr-defined]
