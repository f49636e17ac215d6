"""Made-up states of a service, and the sentences about them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.aws.autoscaling.values import ScalingActivity, ScalingPolicy, ScheduledAction
from ops.copilot.workload import TaskRange
from ops.oncall.status.reasons import reasons
from ops.oncall.status.snapshot import Alarm, Counts, Deployment, Health, Scaling, ServiceState

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HIGH, LOW = "TargetTracking-worker-AlarmHigh-1", "TargetTracking-worker-AlarmLow-1"
TARGET_ID = "service/shop-prod/worker"
DEPTH = ScalingPolicy(
    "ops-queue-depth",
    "TargetTrackingScaling",
    (HIGH, LOW),
    tracking={"ScaleOutCooldown": 60, "ScaleInCooldown": 300},
    resource_id=TARGET_ID,
)
FINE = (Alarm(HIGH, "OK", NOW, ""), Alarm(LOW, "OK", NOW, "", rises=False))


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def scaled(to: int, when: datetime, alarm: str = HIGH, policy: str = DEPTH.name) -> ScalingActivity:
    cause = f"monitor alarm {alarm} in state ALARM triggered policy {policy}"
    what = f"Setting desired count to {to}."
    return ScalingActivity(when, when, "Successful", what, cause, resource_id=TARGET_ID)


def scheduled(name: str, schedule: str, least: int | None, most: int | None) -> ScheduledAction:
    """Return a scheduled action in UTC."""
    return ScheduledAction(name, schedule, "UTC", least, most, resource_id=TARGET_ID)


def held_back(*codes: str, when: datetime) -> ScalingActivity:
    cause = f"monitor alarm {HIGH} in state ALARM triggered policy {DEPTH.name}"
    what = "Attempting to scale."
    return ScalingActivity(
        when, when, "Failed", what, cause, not_scaled=codes, resource_id=TARGET_ID
    )


def deployment(**changes: Any) -> Deployment:  # noqa: ANN401  # fields
    settled = Deployment("PRIMARY", "COMPLETED", "", "shop-worker:7", 5, 5, 0, 0, ago(days=1))
    return replace(settled, **changes)


def scaling(**changes: Any) -> Scaling:  # noqa: ANN401  # fields
    return replace(Scaling(2, 20, (), (DEPTH,), (), ()), **changes)


def state(desired: int = 5, **changes: Any) -> ServiceState:  # noqa: ANN401  # fields
    counts = Counts(desired, desired, 0, (deployment(),))
    usual = ServiceState(
        service="worker",
        manifest=TaskRange(2, 20),
        counts=counts,
        health=Health(desired, 0, 0),
        targets=None,
        scaling=scaling(),
        alarms=(),
        policy_alarms=FINE,
        queue=None,
    )
    return replace(usual, **changes)


def said(of: ServiceState) -> str:
    return "\n".join(reasons(of, NOW))
