"""The samples of every metric of the embedded CloudWatch.

A sample may be put in before it can be read, as AWS's metrics arrive late. Times are seconds since
1970 of the control plane's clock.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from typing import TYPE_CHECKING, NamedTuple

from ops.control.cloudwatch.samples import merged
from ops.local.metrics.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.control.cloudwatch.points import Grid, Points
    from ops.control.cloudwatch.samples import Samples

RESOLUTION = 10
"""Seconds of the shortest period that an alarm can have."""

KEPT = 2 * 24 * 3600
"""Seconds for which samples are kept; CloudWatch keeps them for up to 15 months."""


class Metric(NamedTuple):
    """A metric: namespace, name and dimensions."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


def metric(namespace: str, name: str, dimensions: Mapping[str, str]) -> Metric:
    """Return a metric from its dimensions by name."""
    return Metric(namespace, name, frozenset(dimensions.items()))


class Store:
    """All metrics. Thread-safe."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self._lock = threading.Lock()
        self._buckets: dict[Metric, dict[int, Samples]] = {}
        self._units: dict[Metric, str] = {}
        self._late: list[tuple[float, int, Metric, float, Samples]] = []
        self._numbers = itertools.count()

    def put(
        self,
        what: Metric,
        time: float,
        samples: Samples,
        *,
        visible: float = 0.0,
        unit: str = "None",
    ) -> None:
        """Add samples of a time. They can be read from the time `visible` on."""
        with self._lock:
            self._units.setdefault(what, unit)
            heapq.heappush(self._late, (visible, next(self._numbers), what, time, samples))
            self._arrive(self.clock.now())

    def series(self, what: Metric, statistic: str, grid: Grid) -> Points:
        """Return a statistic of each period of a grid."""
        samples_of = self.periods(what, grid)
        return tuple(
            None if samples is None else samples.statistic(statistic) for samples in samples_of
        )

    def periods(self, what: Metric, grid: Grid) -> list[Samples | None]:
        """Return the samples of each period of a grid."""
        with self._lock:
            self._arrive(self.clock.now())
            buckets = self._buckets.get(what)
            if not buckets:
                return [None] * grid.length
            return [
                merged(
                    samples
                    for begin in range(_bucket(start), start + grid.period, RESOLUTION)
                    if (samples := buckets.get(begin)) is not None
                )
                for start in grid.times()
            ]

    def unit(self, what: Metric) -> str:
        """Return the unit in which a metric was first put."""
        return self._units.get(what, "None")

    def metrics(self) -> list[Metric]:
        """Return every metric with samples, in the order of their first sample."""
        with self._lock:
            self._arrive(self.clock.now())
            return list(self._buckets)

    def _arrive(self, now: float) -> None:
        """Make due samples readable, and drop old ones."""
        while self._late and self._late[0][0] <= now:
            _, _, what, time, samples = heapq.heappop(self._late)
            buckets = self._buckets.setdefault(what, {})
            begin = _bucket(time)
            former = buckets.get(begin)
            buckets[begin] = samples if former is None else merged((former, samples)) or samples
            if len(buckets) > KEPT / RESOLUTION or begin - next(iter(buckets)) > KEPT:
                del buckets[next(iter(buckets))]


def _bucket(time: float) -> int:
    return int(time // RESOLUTION) * RESOLUTION
