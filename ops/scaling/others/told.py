"""What to tell of policies and targets that nobody asked for. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.plan import Json
from ops.scaling.desired import PREFIX
from ops.scaling.reading import STEPS, TRACKING
from ops.workload import TaskRange


def policies_beside(
    read: Mapping[str, Sequence[Mapping[str, Any]]], wanted: Collection[str]
) -> list[str]:
    """What the policies do that were read beside those wanted, ours or not.

    `read` holds AWS's answers by service, `wanted` names as in plans.
    """
    return [
        _of_ours(service, name)
        if name.startswith(PREFIX)
        else foreign_policy(service, name, policy.get(TRACKING) or policy.get(STEPS))
        for service, policies in read.items()
        for policy in policies
        if f"{service}/{(name := policy['PolicyName'])}" not in wanted
    ]


def _of_ours(service: str, name: str) -> str:
    return (
        f"`{service}`: the policy `{name}` is no longer declared and still scales: add --prune "
        "to remove it"
    )


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
