"""Warnings about scaling policies and targets of other tools, and about lost alarms. Pure."""

from collections.abc import Collection, Mapping, Sequence

from ops.aws.autoscaling.values import DIMENSION, SUSPENDED, ScalableTarget, ScalingPolicy
from ops.copilot.workload import TaskRange
from ops.kinds.scaling.desired import PREFIX

Policies = Mapping[str, Sequence[ScalingPolicy]]  # by service


def foreign_policies(policies: Policies) -> list[str]:
    """Warn about the policies of other tools.

    Policies that `ops` created and that are no longer declared are orphans, which the plan lists.
    """
    return [
        foreign_policy(service, policy)
        for service, of_service in policies.items()
        for policy in of_service
        if not policy.name.startswith(PREFIX)
    ]


def foreign_policy(service: str, policy: ScalingPolicy) -> str:
    """Describe the effect of a policy that `ops` did not create."""
    return (
        f"`{service}` has another scaling policy, `{policy.name}`, which ops did not "
        f"create{_effect(policy)}. Remove one of the two; to remove Copilot's own, add an override "
        f"in copilot/{service} that removes its AutoScalingPolicy"
    )


def foreign_target(service: str, current: TaskRange) -> str:
    """Describe a scalable target that the service's stack does not contain."""
    return (
        f"`{service}` has a scalable target ({current.least} to {current.most} tasks) that Copilot "
        "did not create: another tool scales it, and ops does not change it. To scale it with ops, "
        "delete that target and set `count.range` in the manifest"
    )


def moved_target(
    service: str, current: TaskRange, declared: TaskRange, actions: Sequence[str]
) -> str:
    """Describe a target of Copilot whose range is not the manifest's.

    `actions` are the target's scheduled actions, all of other tools.
    """
    names = ", ".join(f"`{name}`" for name in actions)
    who = f"a scheduled action ({names})" if actions else "another tool"
    return (
        f"`{service}` may have {current.least} to {current.most} tasks, and its manifest says "
        f"{declared.least} to {declared.most}: the manifest is not deployed yet, or {who} changed "
        "the range. CloudFormation restores it only when the manifest's range changes"
    )


def suspended_target(service: str, target: ScalableTarget) -> str:
    """Describe suspended scaling, with the command that resumes it.

    RegisterScalableTarget keeps what it does not mention, so the range stays:
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
    """
    state = ",".join(f"{key}=false" for key in SUSPENDED)
    return (
        f"`{service}` has {', '.join(target.suspended)} suspended, so its policies do not act. "
        "A sync does not change that. To resume: `aws "
        "application-autoscaling register-scalable-target --service-namespace ecs "
        f"--resource-id {target.resource_id} --scalable-dimension {DIMENSION} "
        f"--suspended-state {state}`"
    )


def without_alarms(policies: Policies, names: Collection[str]) -> list[str]:
    """Warn about the named policies that track a target and have no alarm that invokes them.

    AWS does not document whether putting such a policy again restores its alarms; recreating it
    does.
    https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
    """
    return [
        f"`{service}`: the alarms of the policy `{policy.name}` were deleted, so nothing invokes "
        "it. Recreate both: `ops scaling delete`, then `ops scaling sync`"
        for service, of_service in policies.items()
        for policy in of_service
        if f"{service}/{policy.name}" in names and policy.tracking and not policy.alarms
    ]


def _effect(policy: ScalingPolicy) -> str:
    if not policy.scales_in:
        return ": it can add tasks regardless of ops' policies"
    if policy.tracks:
        return (
            ": tasks are added when either policy requires it, and target tracking removes one "
            "only when both agree"
        )
    return ": tasks are added when either policy requires it, and removed when either does"
