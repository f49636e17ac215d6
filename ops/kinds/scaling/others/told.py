"""What to tell of policies and targets that nobody asked for. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.copilot.workload import TaskRange
from ops.kinds.scaling.desired import PREFIX
from ops.kinds.scaling.reading import STEPS, SUSPENDED, TRACKING
from ops.plan.model import Json


def policies_beside(read: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Return what the policies of other tools do beside those of `ops`.

    `read` holds AWS's answers by service. Policies of ours that are not declared are orphans,
    which the plan lists.
    """
    return [
        foreign_policy(service, name, policy.get(TRACKING) or policy.get(STEPS))
        for service, policies in read.items()
        for policy in policies
        if not (name := policy["PolicyName"]).startswith(PREFIX)
    ]


def foreign_policy(service: str, name: str, configuration: Json) -> str:
    """What a policy that `ops` did not make does beside its own."""
    return (
        f"`{service}` has another scaling policy, `{name}`, which ops did not "
        f"make{_effect(configuration)}. Remove one of the two; Copilot's own goes by an override "
        f"of copilot/{service} that removes its AutoScalingPolicy"
    )


def foreign_target(service: str, there: TaskRange) -> str:
    """What it means that a service scales although its stack has no scalable target."""
    return (
        f"`{service}` has a scalable target ({there.least} to {there.most} tasks) that Copilot did "
        "not make: another tool scales it, and ops leaves it alone. Let Copilot make it, by "
        "`count.range` in the manifest, once that tool has given it up"
    )


def moved_target(
    service: str, there: TaskRange, declared: TaskRange, scheduled: Sequence[str]
) -> str:
    """What it means that Copilot's target has another range than the manifest.

    `scheduled` are the target's scheduled actions, none of them ours.
    """
    suspects = ", ".join(f"`{name}`" for name in scheduled)
    who = f"a scheduled action ({suspects})" if scheduled else "a tool that ops does not know"
    return (
        f"`{service}` may have {there.least} to {there.most} tasks, and its manifest says "
        f"{declared.least} to {declared.most}: the manifest is not deployed yet, or {who} moved "
        "the range. CloudFormation puts it back only when the manifest's changes"
    )


def suspended_target(service: str, resource_id: str, suspended: Sequence[str]) -> str:
    """What it means that scaling is suspended, in the words of `SUSPENDED`, and what ends it.

    RegisterScalableTarget leaves alone what it is not told, so the range stays:
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
    """
    state = ",".join(f"{each}=false" for each in SUSPENDED)
    return (
        f"`{service}` has {', '.join(suspended)} suspended: policies are there and do not act. "
        "Somebody did that, and a sync leaves it. To end it: `aws "
        "application-autoscaling register-scalable-target --service-namespace ecs "
        f"--resource-id {resource_id} --scalable-dimension ecs:service:DesiredCount "
        f"--suspended-state {state}`"
    )


def without_alarms(
    read: Mapping[str, Sequence[Mapping[str, Any]]], wanted: Collection[str]
) -> list[str]:
    """Which of the wanted policies track a target and have no alarm: nothing ever invokes them.

    Whether putting such a policy again makes its alarms, AWS does not say; making it anew does.
    https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
    """
    return [
        f"`{service}`: the alarms of the policy `{policy['PolicyName']}` are gone, and nothing "
        "invokes it: `ops scaling delete`, then `ops scaling sync` makes both anew"
        for service, policies in read.items()
        for policy in policies
        if f"{service}/{policy['PolicyName']}" in wanted
        if TRACKING in policy and not policy.get("Alarms")
    ]


def _effect(configuration: Json) -> str:
    match configuration:
        case {"DisableScaleIn": True}:
            return ": it adds tasks when it wants to, whatever ops' policies say"
        case {"TargetValue": _}:
            return (
                ": tasks are added when either wants them, and by target tracking "
                "none is removed before both agree"
            )
        case _:
            return ": tasks are added when either wants them, and removed when either does"
