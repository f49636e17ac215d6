"""Scalable targets, policies, scheduled actions and activities of ECS services. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ops.base.words import timestamp

TRACKING = "TargetTrackingScalingPolicyConfiguration"
STEPS = "StepScalingPolicyConfiguration"
DIMENSION = "ecs:service:DesiredCount"

# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_SuspendedState.html
SUSPENDED = {
    "DynamicScalingInSuspended": "scaling in",
    "DynamicScalingOutSuspended": "scaling out",
    "ScheduledScalingSuspended": "scheduled scaling",
}

# For ECS services, if a policy has none.
# https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-cooldown
_DEFAULT_COOLDOWN = 300  # seconds
_UTC = "UTC"  # of a schedule without a time zone

Answer = Mapping[str, Any]


def target_key(resource_id: str) -> dict[str, str]:
    """Return the parameters that identify a scalable target."""
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": resource_id,
        "ScalableDimension": DIMENSION,
    }


@dataclass(frozen=True)
class ScalableTarget:
    """The limits of a service's task count, and the kinds of scaling that are suspended."""

    resource_id: str
    arn: str
    least: int
    most: int
    suspended: tuple[str, ...] = ()  # values of `SUSPENDED`

    @classmethod
    def from_answer(cls, answer: Answer) -> "ScalableTarget":
        """Read an entry of DescribeScalableTargets."""
        state = answer.get("SuspendedState") or {}
        return cls(
            answer["ResourceId"],
            answer["ScalableTargetARN"],
            answer["MinCapacity"],
            answer["MaxCapacity"],
            tuple(words for key, words in SUSPENDED.items() if state.get(key)),
        )


@dataclass(frozen=True)
class ScheduledAction:
    """A scheduled action: its times, and the limits that it sets. None is a limit that it does not
    change.
    """

    name: str
    schedule: str  # at(…), rate(…) or cron(…)
    timezone: str
    least: int | None
    most: int | None
    starts: datetime | None = None
    ends: datetime | None = None
    resource_id: str = field(kw_only=True)

    @classmethod
    def from_answer(cls, answer: Answer) -> "ScheduledAction":
        """Read an entry of DescribeScheduledActions."""
        limits = answer.get("ScalableTargetAction", {})
        return cls(
            answer["ScheduledActionName"],
            answer["Schedule"],
            answer.get("Timezone") or _UTC,
            limits.get("MinCapacity"),
            limits.get("MaxCapacity"),
            answer.get("StartTime"),
            answer.get("EndTime"),
            resource_id=answer["ResourceId"],
        )

    @property
    def properties(self) -> dict[str, Any]:
        """Return the parameters of PutScheduledAction for this action; None for an omitted time."""
        limits = {"MinCapacity": self.least, "MaxCapacity": self.most}
        return {
            "Schedule": self.schedule,
            "Timezone": self.timezone,
            "ScalableTargetAction": {
                name: count for name, count in limits.items() if count is not None
            },
            "StartTime": timestamp(self.starts) if self.starts else None,
            "EndTime": timestamp(self.ends) if self.ends else None,
        }


@dataclass(frozen=True)
class ScalingPolicy:
    """A scaling policy, with the names of its alarms. Cooldowns are seconds.

    Either `tracking` or `steps` holds its configuration, as the API has it.
    """

    name: str
    type: str  # TargetTrackingScaling or StepScaling
    alarms: tuple[str, ...] = ()
    tracking: Answer = field(default_factory=dict)
    steps: Answer = field(default_factory=dict)
    arn: str = ""
    resource_id: str = field(kw_only=True)

    @classmethod
    def from_answer(cls, answer: Answer) -> "ScalingPolicy":
        """Read an entry of DescribeScalingPolicies."""
        return cls(
            answer["PolicyName"],
            answer["PolicyType"],
            tuple(alarm["AlarmName"] for alarm in answer.get("Alarms", [])),
            answer.get(TRACKING) or {},
            answer.get(STEPS) or {},
            answer["PolicyARN"],
            resource_id=answer["ResourceId"],
        )

    @property
    def tracks(self) -> bool:
        """Return whether the policy is a target tracking policy."""
        return self.type == "TargetTrackingScaling"

    @property
    def target(self) -> float | None:
        """Return the value that target tracking keeps; None for other policies."""
        value = self.tracking.get("TargetValue")
        return None if value is None else float(value)

    @property
    def out_cooldown(self) -> int:
        """Return the cooldown after adding tasks, in seconds."""
        return int(self.tracking.get("ScaleOutCooldown", self._cooldown))

    @property
    def in_cooldown(self) -> int:
        """Return the cooldown after removing tasks, in seconds."""
        return int(self.tracking.get("ScaleInCooldown", self._cooldown))

    @property
    def scales_out(self) -> bool:
        """Return whether the policy can add tasks."""
        return self._is_exact or not self._adjustments or max(self._adjustments) > 0

    @property
    def scales_in(self) -> bool:
        """Return whether the policy can remove tasks."""
        if self.tracking.get("DisableScaleIn", False):
            return False
        return self._is_exact or not self._adjustments or min(self._adjustments) < 0

    @property
    def _cooldown(self) -> int:
        return int(self.steps.get("Cooldown", _DEFAULT_COOLDOWN))

    @property
    def _adjustments(self) -> list[int]:
        return [step["ScalingAdjustment"] for step in self.steps.get("StepAdjustments", [])]

    @property
    def _is_exact(self) -> bool:
        return bool(self.steps.get("AdjustmentType") == "ExactCapacity")


@dataclass(frozen=True)
class ScalingActivity:
    """A scaling activity, successful or not.

    https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
    """

    began: datetime
    ended: datetime | None
    status: str  # Pending, InProgress, Successful, Overridden, Unfulfilled or Failed
    description: str
    cause: str
    message: str = ""
    not_scaled: tuple[str, ...] = ()  # codes, such as AlreadyAtMaxCapacity
    resource_id: str = field(kw_only=True)

    @classmethod
    def from_answer(cls, answer: Answer) -> "ScalingActivity":
        """Read an entry of DescribeScalingActivities."""
        return cls(
            answer["StartTime"],
            answer.get("EndTime"),
            answer["StatusCode"],
            answer["Description"],
            answer["Cause"],
            answer.get("StatusMessage", ""),
            tuple(reason["Code"] for reason in answer.get("NotScaledReasons", [])),
            resource_id=answer["ResourceId"],
        )
