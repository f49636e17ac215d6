"""A benchmark: the seconds in which one core decides 1,000 services and 5,000 alarms once.

    python -m benchmarks.control

Each service has an alarm on a metric, one on metric math, one on missing data, the two alarms of
target tracking, and a scaling decision. The result is compared with an empty loop over the same
data, so that it says something on another machine, too.
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.limits import Limit, report
from ops.control.autoscaling.decision import decide
from ops.control.autoscaling.model import Capacity, Direction, Invocation, Limits, TrackingPolicy
from ops.control.cloudwatch.arithmetic import as_series
from ops.control.cloudwatch.calculation import value_of
from ops.control.cloudwatch.evaluation import Condition, Missing, State, evaluate
from ops.control.cloudwatch.points import Grid, Points
from ops.control.expression import Node, parse

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICES = 1_000
ALARMS = 5  # of each
ROUNDS = 5
_EXPRESSION = parse("IF(running > 0 AND FILL(visible, -1) >= 0, visible / running)")
_POLICY = TrackingPolicy("depth", 100)


@dataclass(frozen=True)
class Alarm:
    """An alarm with the points of its evaluation range."""

    condition: Condition
    visible: Points
    running: Points
    expression: Node | None


def alarms(seed: int = 1) -> list[list[Alarm]]:
    """Return the alarms of each service, with points of which one in ten is missing."""
    generator = random.Random(seed)  # noqa: S311 - data to measure with

    def points(number: int) -> Points:
        return tuple(
            None if generator.random() < 0.1 else generator.uniform(0, 200) for _ in range(number)
        )

    conditions = (
        (Condition("GreaterThanThreshold", 150, 3, 2), None),
        (Condition("GreaterThanThreshold", 50, 5, 5, Missing.NOT_BREACHING), _EXPRESSION),
        (Condition("LessThanThreshold", 1, 5, 5, Missing.BREACHING), None),
        (Condition("GreaterThanThreshold", 100, 3, 3), None),
        (Condition("LessThanThreshold", 90, 15, 15), None),
    )
    return [
        [
            Alarm(each, points(each.fetched()), points(each.fetched()), expression)
            for each, expression in conditions
        ]
        for _ in range(SERVICES)
    ]


def decide_all(services: list[list[Alarm]]) -> int:
    """Evaluate every alarm, decide for every service, and return the number of changed counts."""
    changes = 0
    for own in services:
        for alarm in own:
            evaluate(alarm.condition, _points(alarm), State.OK)
        newest = own[3].visible[-1] or 0.0
        direction = Direction.OUT if newest > _POLICY.target else Direction.IN
        call = Invocation(_POLICY, newest, _POLICY.target, direction)
        decision = decide(Limits(1, 20), Capacity(4, 4), [call], {}, now=0)
        changes += decision.count is not None
    return changes


def _points(alarm: Alarm) -> Points:
    if alarm.expression is None:
        return alarm.visible
    grid = Grid(0, 60, len(alarm.visible))
    known = {"visible": alarm.visible, "running": alarm.running}
    return as_series(value_of(alarm.expression, known, grid), grid)


def empty_loop(services: list[list[Alarm]]) -> int:
    """Read every point, and decide nothing."""
    return sum(value is None for own in services for alarm in own for value in alarm.visible)


def seconds(function: Callable[[list[list[Alarm]]], int], services: list[list[Alarm]]) -> float:
    """Return the shortest time of some rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        function(services)
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> int:
    """Measure and print; return 1 if a limit is not kept."""
    services = alarms()
    decided, empty = seconds(decide_all, services), seconds(empty_loop, services)
    sys.stdout.write(
        f"{SERVICES} services, {SERVICES * ALARMS} alarms: {decided:.3f} s\n"
        f"an empty loop over the same data: {empty:.4f} s, {decided / empty:.0f} times as fast\n"
    )
    return report([Limit("seconds", decided, most=1)])


if __name__ == "__main__":
    sys.exit(main())
