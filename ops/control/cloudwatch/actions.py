"""The actions of an alarm, and their times.

Pure.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ops.control.cloudwatch.evaluation import State

REPEAT = 60.0
"""Seconds after which an alarm invokes Auto Scaling again, also with shorter periods."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The facts about an alarm that its next evaluation needs."""

    state: State = State.INSUFFICIENT_DATA
    acted: State = State.INSUFFICIENT_DATA
    """The last state whose actions were taken; another than `state` while they are held back."""
    invoked: float | None = None
    """When it last invoked Auto Scaling for this state."""


def is_scaling(action: str) -> bool:
    """Return whether an action invokes a scaling policy."""
    return ":autoscaling:" in action and ":scalingPolicy:" in action


def advance(
    standing: Standing,
    state: State,
    actions: Mapping[State, Sequence[str]],
    now: float,
    *,
    held: bool,
) -> tuple[Standing, list[str]]:
    """Return the new facts, and the actions to take now.

    `held` is true while a mute rule or suppressor holds all actions back.
    """
    own = list(actions.get(state, ()))
    changed = state is not standing.state
    if held:
        return Standing(state, standing.acted, None if changed else standing.invoked), []
    if state is not standing.acted:
        return Standing(state, state, now), own
    if changed:  # back to the state that it had before its actions were held back
        return Standing(state, state, None), []
    repeated = [action for action in own if is_scaling(action)]
    if repeated and (standing.invoked is None or now - standing.invoked >= REPEAT):
        return Standing(state, state, now), repeated
    return standing, []
