"""The actions of an alarm, minute by minute."""

from __future__ import annotations

from ops.control.cloudwatch.actions import Standing, advance
from ops.control.cloudwatch.evaluation import State

TOPIC = "arn:aws:sns:eu-central-1:1:page"
POLICY = (
    "arn:aws:autoscaling:eu-central-1:1:scalingPolicy:0:resource/ecs/service/c/s:policyName/out"
)
ACTIONS = {State.ALARM: [TOPIC, POLICY], State.OK: [TOPIC]}


def taken(states: str, *, step: float = 60, muted: str = "") -> list[list[str]]:
    """Return the actions after each evaluation. A, O and I are states; `m` at the same
    place mutes.
    """
    standing, all_taken = Standing(), []
    names = {"A": State.ALARM, "O": State.OK, "I": State.INSUFFICIENT_DATA}
    for place, letter in enumerate(states):
        held = muted[place : place + 1] == "m"
        standing, actions = advance(standing, names[letter], ACTIONS, place * step, held=held)
        all_taken.append([each.split(":")[2] for each in actions])
    return all_taken


def test_a_new_alarm_that_is_fine_acts_once() -> None:
    assert taken("IOOO") == [[], ["sns"], [], []]


def test_a_topic_hears_a_change_and_a_policy_each_minute() -> None:
    both = ["sns", "autoscaling"]
    assert taken("OAAAO") == [["sns"], both, ["autoscaling"], ["autoscaling"], ["sns"]]


def test_a_short_period_does_not_invoke_a_policy_more_often() -> None:
    """An alarm evaluated every 10 s invokes a policy at the change, and then each minute."""
    heard = taken("A" * 8, step=10)
    assert [place for place, actions in enumerate(heard) if "autoscaling" in actions] == [0, 6]


def test_a_mute_rule_holds_policies_back_too() -> None:
    assert taken("OAAA", muted=" mmm") == [["sns"], [], [], []]


def test_what_was_muted_is_made_up_for_if_the_state_is_the_same() -> None:
    assert taken("OAAA", muted=" mm ") == [["sns"], [], [], ["sns", "autoscaling"]]


def test_an_alarm_that_recovered_while_muted_says_nothing() -> None:
    assert taken("OAOO", muted=" mm ") == [["sns"], [], [], []]
