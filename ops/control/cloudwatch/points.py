"""Time series on one grid of periods, and CloudWatch's rules for missing values. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Points: TypeAlias = tuple[float | None, ...]
"""One value for each period, oldest first; None where the metric has no point."""


@dataclass(frozen=True, slots=True)
class Several:
    """An array of time series."""

    series: tuple[Points, ...]


Value: TypeAlias = float | Points | Several
"""A number, a time series or an array of them."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The periods of a calculation: the first begins at `start`, in seconds since 1970."""

    start: int
    period: int
    length: int

    def times(self) -> range:
        """Return the beginning of each period."""
        return range(self.start, self.start + self.length * self.period, self.period)

    def nothing(self) -> Points:
        """Return a series without points."""
        return (None,) * self.length


def has_points(points: Points) -> bool:
    """Return whether a series has any point."""
    return any(value is not None for value in points)


def present(points: Points) -> list[float]:
    """Return the values that a series has."""
    return [value for value in points if value is not None]


def mapped(points: Points, function: Callable[[float], float | None]) -> Points:
    """Apply a function to each value that a series has."""
    return tuple(None if value is None else function(value) for value in points)


def across(series: Sequence[Points], function: Callable[[list[float]], float]) -> Points:
    """Apply a function, period by period, to the values that some series have."""
    columns = ([v for v in column if v is not None] for column in zip(*series, strict=True))
    return tuple(function(column) if column else None for column in columns)
