"""The input of a scaling decision. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, TypeAlias

COOLDOWN = 300  # seconds; the default for ECS, both ways


class Direction(Enum):
    """The direction of a change of the count."""

    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a scalable target's count, and its suspended activities."""

    minimum: int
    maximum: int
    in_suspended: bool = False
    out_suspended: bool = False
    schedule_suspended: bool = False

    def clamped(self, count: int) -> int:
        """Return the count within the limits."""
        return max(self.minimum, min(self.maximum, count))


@dataclass(frozen=True, slots=True)
class Capacity:
    """A service's tasks. `running` counts old and new ones together during a deployment."""

    running: int
    desired: int
    is_deploying: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step adjustment; its bounds are relative to the alarm's threshold."""

    adjustment: int
    lower: float = -math.inf
    upper: float = math.inf


class Adjustment(StrEnum):
    """The type of a step adjustment."""

    CHANGE = "ChangeInCapacity"
    EXACT = "ExactCapacity"
    PERCENT = "PercentChangeInCapacity"


@dataclass(frozen=True, slots=True)
class StepPolicy:
    """A policy of the type StepScaling."""

    name: str
    kind: Adjustment
    steps: tuple[Step, ...]
    cooldown: float = COOLDOWN
    least_change: int = 0
    """MinAdjustmentMagnitude."""


@dataclass(frozen=True, slots=True)
class TrackingPolicy:
    """A policy of the type TargetTrackingScaling."""

    name: str
    target: float
    out_cooldown: float = COOLDOWN
    in_cooldown: float = COOLDOWN
    scales_in: bool = True


Policy: TypeAlias = StepPolicy | TrackingPolicy


@dataclass(frozen=True, slots=True)
class Invocation:
    """An alarm in ALARM invokes its policy, with the newest point of its metric.

    `direction` matters to target tracking, whose two alarms invoke one policy.
    """

    policy: Policy
    value: float
    threshold: float
    direction: Direction = Direction.OUT


@dataclass(frozen=True, slots=True)
class Cooldown:
    """A cooldown of one policy, and the number of running tasks when it began."""

    direction: Direction
    until: float
    base: int


def policy_of(described: Mapping[str, Any]) -> Policy:
    """Return a policy from its form in PutScalingPolicy and DescribeScalingPolicies."""
    name = described["PolicyName"]
    if tracking := described.get("TargetTrackingScalingPolicyConfiguration"):
        return TrackingPolicy(
            name,
            float(tracking["TargetValue"]),
            _seconds(tracking, "ScaleOutCooldown"),
            _seconds(tracking, "ScaleInCooldown"),
            scales_in=not tracking.get("DisableScaleIn", False),
        )
    step = described["StepScalingPolicyConfiguration"]
    steps = tuple(
        Step(
            int(adjustment["ScalingAdjustment"]),
            float(adjustment.get("MetricIntervalLowerBound", -math.inf)),
            float(adjustment.get("MetricIntervalUpperBound", math.inf)),
        )
        for adjustment in step.get("StepAdjustments", ())
    )
    return StepPolicy(
        name,
        Adjustment(step["AdjustmentType"]),
        steps,
        _seconds(step, "Cooldown"),
        int(step.get("MinAdjustmentMagnitude") or 0),
    )


def _seconds(configuration: Mapping[str, Any], name: str) -> float:
    value = configuration.get(name)
    return COOLDOWN if value is None else float(value)
