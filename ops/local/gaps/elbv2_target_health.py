"""The health of a target, from the load balancer's own checks.

AWS: a target is `initial` until its first health check has an outcome, then `healthy` or
`unhealthy` with a reason, and `draining` from its deregistration until its requests have ended.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html

moto: every registered target is `healthy`, a deregistered one `unavailable` or `unused`, and
the port of the check is the text `traffic-port`.

Closed by `report`, called by the code that checks the targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

if TYPE_CHECKING:
    from moto.ec2.models import EC2Backend


@dataclass(frozen=True)
class TargetHealth:
    """State, reason code and description, in the API's words."""

    state: str
    reason: str | None = None
    description: str | None = None


REGISTERING = TargetHealth(
    "initial", "Elb.RegistrationInProgress", "Target registration is in progress"
)
CHECKING = TargetHealth("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
HEALTHY = TargetHealth("healthy")
DRAINING = TargetHealth(
    "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"
)


def report(group: FakeTargetGroup, target: str, health: TargetHealth | None) -> None:
    """Set the health of a target of the group; None deletes it.

    :param target: the address under which it is registered
    """
    reported: dict[str, TargetHealth] = vars(group).setdefault("reported_health", {})
    if health is None:
        reported.pop(target, None)
    else:
        reported[target] = health


def close() -> None:
    """Answer with the reported health, for targets that are addresses."""
    if getattr(FakeTargetGroup.health_for, "closes_gap", False):
        return
    original_health = FakeTargetGroup.health_for
    original_describe = ELBv2Backend.describe_target_health

    def health_for(
        self: FakeTargetGroup, target: dict[str, Any], ec2_backend: EC2Backend
    ) -> FakeHealthStatus:
        reported: dict[str, TargetHealth] = vars(self).get("reported_health", {})
        registered = self.targets.get(target["Id"])
        health = reported.get(target["Id"])
        if health is None:
            if registered is None or self.target_type != "ip":
                return original_health(self, target, ec2_backend)
            health = REGISTERING
        port = (registered or target).get("Port", self.port)
        check_port = self.health_check_port
        if check_port in (None, "traffic-port"):
            check_port = str(port)
        return FakeHealthStatus(
            target["Id"], port, check_port, health.state, health.reason, health.description
        )

    def describe_target_health(
        self: ELBv2Backend, target_group_arn: str, targets: list[dict[str, Any]]
    ) -> list[FakeHealthStatus]:
        healths = original_describe(self, target_group_arn, targets)
        group = self.target_groups[target_group_arn]
        if not targets:
            left = [t for t in _draining(group) if t["Id"] not in group.targets]
            healths += [group.health_for(target, self.ec2_backend) for target in left]
        return healths

    health_for.closes_gap = True  # type: ignore[attr-defined]
    FakeTargetGroup.health_for = health_for  # type: ignore[method-assign]
    ELBv2Backend.describe_target_health = describe_target_health  # type: ignore[method-assign]


def _draining(group: FakeTargetGroup) -> list[dict[str, Any]]:
    """Return the draining targets, with the ports of their registration."""
    reported: dict[str, TargetHealth] = vars(group).get("reported_health", {})
    deregistered = dict(group.deregistered_targets)
    return [
        deregistered[target]
        for target, health in list(reported.items())
        if health.state == "draining" and target in deregistered
    ]
