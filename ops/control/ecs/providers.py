"""Capacity provider strategies. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SPOT = "FARGATE_SPOT"
"""The provider whose tasks may be interrupted."""

WARNING = 120
"""Seconds from the warning of a Spot interruption to the end of the task at the latest."""


@dataclass(frozen=True)
class Share:
    """A capacity provider with its base and weight: an item of `capacityProviderStrategy`."""

    provider: str
    base: int = 0
    weight: int = 0


def next_provider(strategy: Sequence[Share], running: Iterable[str]) -> str | None:
    """Return the capacity provider of the next task; None without a strategy.

    First the base is filled, then the rest is shared by weight.

    :param running: the provider of each task that counts
    """
    if not strategy:
        return None
    counts = Counter(running)
    for share in strategy:
        if counts[share.provider] < share.base:
            return share.provider
    weighted = [share for share in strategy if share.weight > 0] or list(strategy)
    return min(
        weighted, key=lambda s: (counts[s.provider] - s.base + 1) / max(s.weight, 1)
    ).provider


def placement(strategy: Sequence[Share], number: int) -> Counter[str]:
    """Return how many of so many tasks each provider gets."""
    counts: Counter[str] = Counter()
    for _ in range(number if strategy else 0):
        counts[next_provider(strategy, counts.elements()) or ""] += 1
    return counts


def surplus_provider(strategy: Sequence[Share], running: Sequence[str]) -> str | None:
    """Return the provider that loses a task first; None without a strategy.

    AWS does not say which. We keep the proportion that so many tasks would have been started in.
    """
    if not strategy or not running:
        return None
    shares = placement(strategy, len(running) - 1)
    counts = Counter(running)
    return max(counts, key=lambda provider: counts[provider] - shares[provider])
