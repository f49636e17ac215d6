"""The plan of one chaos run, and its waits."""

import random
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Clock:
    """The waits, in seconds, after which the work of a killed attempt continues.

    Only their order matters: an attempt's claim ends before the queue delivers again, and a
    donation counts as stuck after the queue's last delivery.
    """

    visibility: int  # of the queue
    claim: int  # CLAIM_SECONDS
    stuck_after: int  # STUCK_AFTER_SECONDS
    patience: int  # without any progress, once the storm is over
    hasty: bool  # whether the waits that no variable names are shortened as well: `hasten`


PRODUCTION = Clock(visibility=180, claim=120, stuck_after=1800, patience=3600, hasty=False)
HASTY = Clock(visibility=5, claim=3, stuck_after=30, patience=90, hasty=True)


@dataclass(frozen=True)
class Plan:
    """The number of donations, their rate, and the faults."""

    donations: int
    seed: int
    rate: float = 10.0  # donations a second
    decks: int = 1  # the storm lasts until that many decks are played and all donations are given
    pause: float = 1.0  # seconds between two blows, on average
    clock: Clock = HASTY
    lost_webhooks: float = 0.2  # the share of Stripe's events that never arrive
    outage: bool = True  # whether Stripe is away once, for longer than the queue is patient
    without: tuple[str, ...] = ()  # the guards that are taken out
    apis: int = 2
    workers: int = 3
    beats: int = 2

    def dice(self, who: str) -> random.Random:
        """Return a random generator for one part, independent of the others."""
        return random.Random(f"{self.seed} {who}")  # noqa: S311 - it is to be repeatable


@dataclass(frozen=True)
class Fault:
    """A fault: what is wrong, and with which donation, charge or mail."""

    what: str
    about: Any

    def __str__(self) -> str:
        return f"{self.what}: {self.about}"
