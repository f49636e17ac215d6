"""The samples of one metric in one period, and their statistics. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one period, as far as statistics need them.

    `values` are the single values. Samples that were published as sums have none, so they have
    no percentiles unless all values are equal.
    """

    count: float
    total: float
    least: float
    most: float
    values: tuple[float, ...] = ()

    def statistic(self, name: str) -> float | None:
        """Return a statistic by CloudWatch's name; None for trimmed means and the like (`tm99`,
        `PR(…)`).

        Trimmed means and the like (`tm99`, `PR(…)`) are not.
        """
        if name in _PLAIN:
            return _PLAIN[name](self)
        if name == "IQM":
            return _mean(_between(self._sorted(), 25, 75))
        match = _PERCENTILE.fullmatch(name)
        return percentile(self._sorted(), float(match[1])) if match else None

    def _sorted(self) -> list[float]:
        if self.values:
            return sorted(self.values)
        return [self.least] if self.least == self.most else []


_PLAIN: Mapping[str, Callable[[Samples], float | None]] = {
    "SampleCount": lambda samples: samples.count,
    "Sum": lambda samples: samples.total,
    "Average": lambda samples: samples.total / samples.count if samples.count else None,
    "Minimum": lambda samples: samples.least,
    "Maximum": lambda samples: samples.most,
}


def samples_of(values: Iterable[float]) -> Samples:
    """Return the samples of some values, of which there is at least one."""
    given = tuple(values)
    return Samples(len(given), math.fsum(given), min(given), max(given), given)


def merged(sets: Iterable[Samples]) -> Samples | None:
    """Return the union of sets of samples; None without any."""
    parts = [samples for samples in sets if samples.count]
    if len(parts) < 2:
        return parts[0] if parts else None
    are_single = all(len(part.values) == part.count for part in parts)
    return Samples(
        sum(part.count for part in parts),
        math.fsum(part.total for part in parts),
        min(part.least for part in parts),
        max(part.most for part in parts),
        tuple(value for part in parts for value in part.values) if are_single else (),
    )


def percentile(ordered: list[float], share: float) -> float | None:
    """Return a percentile of ordered values by linear interpolation; AWS names no method."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * share / 100
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def least_samples(statistic: str) -> float:
    """Return the number of samples below which CloudWatch calls a percentile unreliable.

    It is 10/(1-p) from the median on and 10/p below: 1,000 samples for p99.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
    """
    match = _PERCENTILE.fullmatch(statistic)
    if match is None:
        return 0
    share = float(match[1]) / 100
    rest = 1 - share if share >= 0.5 else share
    return 10 / rest if rest else math.inf


def _between(ordered: list[float], low: float, high: float) -> list[float]:
    first = math.ceil(len(ordered) * low / 100)
    last = math.floor(len(ordered) * high / 100)
    return ordered[first:last] or ordered


def _mean(values: list[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
