"""One count from all policies of a scalable target. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
https://docs.aws.amazon.com/autoscaling/application/userguide/suspend-resume-scaling.html
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ops.control.autoscaling.model import (
    Capacity,
    Cooldown,
    Direction,
    Invocation,
    Limits,
    StepPolicy,
)
from ops.control.autoscaling.step import step_capacity
from ops.control.autoscaling.tracking import capacity_in, capacity_out, flaps
from ops.control.undocumented import DEFAULT, Choices

Cooldowns = Mapping[str, Cooldown]


@dataclass(frozen=True, slots=True)
class NotScaled:
    """Why an invocation changed nothing: the rule, and AWS's code if there is one.

    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_NotScaledReason.html
    """

    policy: str
    rule: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A new count with the invocation that caused it, or the reasons why nothing changes."""

    count: int | None
    cause: Invocation | None
    cooldowns: Cooldowns
    reasons: tuple[NotScaled, ...] = ()


@dataclass(frozen=True, slots=True)
class _Proposal:
    invocation: Invocation
    count: int
    base: int


@dataclass(slots=True)
class _Weighing:
    out: list[_Proposal] = field(default_factory=list)
    down: list[_Proposal] = field(default_factory=list)
    reasons: list[NotScaled] = field(default_factory=list)

    def refuse(self, invocation: Invocation, rule: str, code: str | None = None) -> None:
        self.reasons.append(NotScaled(invocation.policy.name, rule, code))


def decide(
    limits: Limits,
    capacity: Capacity,
    invocations: Sequence[Invocation],
    cooldowns: Cooldowns,
    now: float,
    *,
    against_in: Collection[str] = (),
    choices: Choices = DEFAULT,
) -> Decision:
    """Return the task count that results from all policies that are invoked at one moment.

    Any policy scales out. Target tracking scales in only if no other such policy is against it:
    `against_in` names those with scale-in whose lower alarm is not in ALARM. A step policy waits
    for nobody. Of several counts the largest wins, for scale-out and scale-in.
    """
    weighing = _Weighing()
    for invocation in invocations:
        proposal = _proposed(limits, capacity, invocation, cooldowns, now, weighing, choices)
        if proposal is None:
            continue
        if proposal.count > proposal.base:
            _weigh_out(limits, capacity, proposal, weighing)
        elif proposal.count < proposal.base:
            _weigh_in(limits, capacity, proposal, cooldowns, now, against_in, weighing)
        else:
            weighing.refuse(invocation, "the adjustment is 0", "AlreadyAtDesiredCapacity")
    chosen = max(weighing.out or weighing.down, key=lambda option: option.count, default=None)
    if chosen is None:
        return Decision(None, None, cooldowns, tuple(weighing.reasons))
    began = _begun(cooldowns, chosen, now, is_out=bool(weighing.out), choices=choices)
    return Decision(limits.clamped(chosen.count), chosen.invocation, began, tuple(weighing.reasons))


def _proposed(
    limits: Limits,
    capacity: Capacity,
    invocation: Invocation,
    cooldowns: Cooldowns,
    now: float,
    weighing: _Weighing,
    choices: Choices,
) -> _Proposal | None:
    """Return a policy's own proposal.

    It starts from the running tasks. Within a scale-out cooldown it starts from those that were
    running when the cooldown began, so that tasks added since then are not added again.
    """
    policy = invocation.policy
    cooldown = cooldowns.get(policy.name)
    is_cooling = cooldown is not None and cooldown.direction is Direction.OUT
    base = cooldown.base if cooldown and is_cooling and now < cooldown.until else capacity.running
    if isinstance(policy, StepPolicy):
        count = step_capacity(policy, base, invocation.value, invocation.threshold)
        if count is None:
            weighing.refuse(invocation, "no step is for this breach")
            return None
        return _Proposal(invocation, count, base)
    if invocation.direction is Direction.OUT:
        return _Proposal(invocation, capacity_out(policy, base, invocation.value), base)
    if not policy.scales_in:
        weighing.refuse(invocation, "the policy does not scale in")
        return None
    running = capacity.running
    if running > limits.minimum and flaps(policy, running, invocation.value):
        rule = "one task fewer would bring the metric above the target"
        weighing.refuse(invocation, rule, "AutoScalingAnticipatedFlapping")
        return None
    return _Proposal(invocation, capacity_in(policy, running, invocation.value, choices), running)


def _weigh_out(
    limits: Limits, capacity: Capacity, proposal: _Proposal, weighing: _Weighing
) -> None:
    invocation = proposal.invocation
    if limits.out_suspended:
        weighing.refuse(invocation, "scaling out is suspended")
    elif limits.clamped(proposal.count) > capacity.desired:
        weighing.out.append(proposal)
    elif capacity.desired >= limits.maximum:
        weighing.refuse(invocation, "the maximum is reached", "AlreadyAtMaxCapacity")
    else:
        rule = "no more than what is already desired, or was added within the cooldown"
        weighing.refuse(invocation, rule, "AlreadyAtDesiredCapacity")


def _weigh_in(
    limits: Limits,
    capacity: Capacity,
    proposal: _Proposal,
    cooldowns: Cooldowns,
    now: float,
    against_in: Collection[str],
    weighing: _Weighing,
) -> None:
    invocation = proposal.invocation
    policy = invocation.policy
    cooldown = cooldowns.get(policy.name)
    if limits.in_suspended:
        weighing.refuse(invocation, "scaling in is suspended")
    elif capacity.is_deploying:
        weighing.refuse(invocation, "a deployment is in progress")
    elif cooldown and cooldown.direction is Direction.IN and now < cooldown.until:
        weighing.refuse(invocation, "the scale-in cooldown has not ended")
    elif not isinstance(policy, StepPolicy) and set(against_in) - {policy.name}:
        weighing.refuse(invocation, "another target tracking policy does not scale in")
    elif limits.clamped(proposal.count) < capacity.desired:
        weighing.down.append(proposal)
    elif capacity.desired <= limits.minimum:
        weighing.refuse(invocation, "the minimum is reached", "AlreadyAtMinCapacity")
    else:
        weighing.refuse(invocation, "no fewer than desired", "AlreadyAtDesiredCapacity")


def _begun(
    cooldowns: Cooldowns, chosen: _Proposal, now: float, *, is_out: bool, choices: Choices
) -> Cooldowns:
    """Return the cooldowns after an activity. A scale-out ends every scale-in cooldown."""
    policy = chosen.invocation.policy
    if isinstance(policy, StepPolicy):
        seconds = policy.cooldown
    else:
        seconds = policy.out_cooldown if is_out else policy.in_cooldown
    if not is_out:
        cooldown = Cooldown(Direction.IN, now + seconds, chosen.base)
        return {**cooldowns, policy.name: cooldown}
    kept = {
        name: current for name, current in cooldowns.items() if current.direction is Direction.OUT
    }
    former = kept.get(policy.name)
    until = now + seconds
    if former and now < former.until and not choices.larger_restarts_cooldown:
        until = former.until
    return {**kept, policy.name: Cooldown(Direction.OUT, until, chosen.base)}
