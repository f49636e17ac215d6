"""The faults: about every second something is killed and started again."""

import asyncio
import random
from collections import Counter

from tests.chaos.plan import Plan
from tests.chaos.stage.processes import Fleet
from tests.chaos.stage.servers import PostgreSQL, Redis

# Every deck holds each blow at least once, however short the storm.
DECK = (
    *("pool child",) * 6,
    *("worker",) * 3,
    *("api",) * 2,
    *("beat",) * 2,
    *("redis", "database"),
)


class Storm:
    """Plays decks of blows, shuffled."""

    def __init__(self, plan: Plan, fleet: Fleet, database: PostgreSQL, store: Redis) -> None:
        self.blows: Counter[str] = Counter()
        self._dice = plan.dice("storm")
        self._pause = plan.pause
        self._decks = plan.decks
        self._fleet = fleet
        self._database = database
        self._store = store

    async def rage(self, beside: "asyncio.Task[None]") -> None:
        """Cause faults until all planned ones have happened and the given task is done."""
        while self._decks > 0 or not beside.done():
            deck = list(DECK)
            self._dice.shuffle(deck)
            for blow in deck:
                await asyncio.sleep(self._dice.uniform(0.5, 1.5) * self._pause)
                await asyncio.to_thread(self._strike, blow, self._dice)
                if self._decks <= 0 and beside.done():
                    return
            self._decks -= 1

    def _strike(self, blow: str, dice: random.Random) -> None:
        match blow:
            case "redis":
                self._store.restart()
            case "database":
                self._database.restart()
            case "pool child":
                if self._fleet.kill_pool_child(dice) is None:
                    return
            case _:
                self._fleet.kill(blow, dice)
        self.blows[blow] += 1
