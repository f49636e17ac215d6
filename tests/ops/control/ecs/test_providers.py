"""Capacity provider strategies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ops.control.ecs.providers import Share, next_provider, placement, surplus_provider

AMPLY = [Share("FARGATE", base=2, weight=1), Share("FARGATE_SPOT", weight=3)]

strategies = st.builds(
    lambda base, first, second: [Share("FARGATE", base, first), Share("FARGATE_SPOT", 0, second)],
    st.integers(0, 5),
    st.integers(1, 10),
    st.integers(1, 10),
)


def test_the_base_is_filled_before_the_weights_share_the_rest() -> None:
    assert placement(AMPLY, 2) == {"FARGATE": 2}
    assert placement(AMPLY, 3) == {"FARGATE": 2, "FARGATE_SPOT": 1}
    assert placement(AMPLY, 10) == {"FARGATE": 4, "FARGATE_SPOT": 6}


def test_a_provider_without_weight_gets_its_base_alone() -> None:
    strategy = [Share("FARGATE_SPOT", weight=1), Share("FARGATE", base=2)]
    assert placement(strategy, 5) == {"FARGATE": 2, "FARGATE_SPOT": 3}


def test_without_a_strategy_there_is_no_provider() -> None:
    assert next_provider([], []) is None
    assert surplus_provider([], ["FARGATE"]) is None


def test_after_an_interruption_spot_is_asked_again() -> None:
    running = ["FARGATE", "FARGATE", "FARGATE_SPOT"]
    assert next_provider(AMPLY, running) == "FARGATE_SPOT"


@given(strategies, st.integers(1, 60))
def test_the_base_is_kept_and_the_weights_are_met(strategy: list[Share], number: int) -> None:
    counts = placement(strategy, number)
    first, second = strategy
    assert counts.total() == number
    assert counts["FARGATE"] >= min(number, first.base)
    if rest := number - first.base:
        share = rest * second.weight / (first.weight + second.weight)
        assert rest < 0 or abs(counts["FARGATE_SPOT"] - share) <= 1


@given(strategies, st.integers(1, 40))
def test_what_is_removed_last_was_added_last(strategy: list[Share], number: int) -> None:
    running = list(placement(strategy, number).elements())
    provider = surplus_provider(strategy, running)
    assert provider is not None
    running.remove(provider)
    assert sorted(running) == sorted(placement(strategy, number - 1).elements())
