"""The functions of metric math. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
SEARCH, ANOMALY_DETECTION_BAND, SERVICE_QUOTA, INSIGHT_RULE_METRIC and DB_PERF_INSIGHTS are not
here: they need data that only AWS has, and CloudWatch refuses the first two in an alarm.
"""

import math
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import TypeAlias

from ops.control.cloudwatch.points import (
    Grid,
    Points,
    Several,
    Value,
    across,
    has_points,
    mapped,
    present,
)
from ops.control.undocumented import Choices, Filler

_OfSeries = Callable[[Points, Grid], Points]


@dataclass(frozen=True, slots=True)
class Call:
    """A call with its values in order, and its words, such as REPEAT."""

    values: tuple[Value, ...]
    words: tuple[str, ...]
    grid: Grid
    choices: Choices

    def several(self) -> tuple[Points, ...]:
        """Return the first argument as the series of an array."""
        first = self.values[0]
        if isinstance(first, Several):
            return first.series
        return (first if isinstance(first, tuple) else (first,) * self.grid.length,)

    def numbers(self) -> list[float]:
        """Return the arguments that are numbers."""
        return [value for value in self.values if isinstance(value, float | int)]


Function: TypeAlias = Callable[[Call], Value]


def _per_series(function: _OfSeries) -> Function:
    """Make a function that applies to a series, or to each series of an array."""

    def call(given: Call) -> Value:
        results = tuple(function(points, given.grid) for points in given.several())
        return Several(results) if isinstance(given.values[0], Several) else results[0]

    return call


def _pointwise(function: Callable[[float], float | None]) -> Function:
    return _per_series(lambda points, _: mapped(points, function))


def _folded(function: Callable[[list[float]], float]) -> Function:
    """Make a function that reduces a series to a number, and an array to a series."""

    def call(given: Call) -> Value:
        if isinstance(given.values[0], Several):
            return across(given.several(), function) if given.several() else given.grid.nothing()
        values = present(given.several()[0])
        return function(values) if values else given.grid.nothing()

    return call


def _datapoint_count(given: Call) -> Value:
    if isinstance(given.values[0], Several):
        return across(given.several(), lambda column: float(len(column)))
    return float(len(present(given.several()[0])))


def _with_previous(points: Points) -> Iterator[tuple[int, float, int, float] | None]:
    """Yield for each point: the last place and value before it, then its own place and value."""
    last: tuple[int, float] | None = None
    for place, value in enumerate(points):
        yield None if value is None or last is None else (*last, place, value)
        if value is not None:
            last = (place, value)


def _difference(points: Points, _: Grid) -> Points:
    return tuple(None if step is None else step[3] - step[1] for step in _with_previous(points))


def _time_difference(points: Points, grid: Grid) -> Points:
    return tuple(
        None if step is None else float((step[2] - step[0]) * grid.period)
        for step in _with_previous(points)
    )


def _rate(points: Points, grid: Grid) -> Points:
    return tuple(
        None if step is None else (step[3] - step[1]) / ((step[2] - step[0]) * grid.period)
        for step in _with_previous(points)
    )


def _running_sum(points: Points, _: Grid) -> Points:
    sums = accumulate(value or 0.0 for value in points)
    return tuple(
        None if value is None else total for value, total in zip(points, sums, strict=True)
    )


def _clock(part: Callable[[datetime], float]) -> Function:
    def at_points(points: Points, grid: Grid) -> Points:
        return tuple(
            None if value is None else part(datetime.fromtimestamp(time, UTC))
            for value, time in zip(points, grid.times(), strict=True)
        )

    return _per_series(at_points)


def _fill(given: Call) -> Value:
    filler: Points | float | str = given.words[0] if given.words else _filler(given.values[1])

    def filled(points: Points, _: Grid) -> Points:
        if not has_points(points) and given.choices.fill_of_nothing is Filler.NOTHING:
            return points
        if filler == "REPEAT":
            return _repeated(points)
        if filler == "LINEAR":
            return _interpolated(points)
        if isinstance(filler, tuple):
            pairs = zip(points, filler, strict=True)
            return tuple(other if value is None else value for value, other in pairs)
        return tuple(float(filler) if value is None else value for value in points)

    return _per_series(filled)(given)


def _filler(value: Value) -> Points | float:
    return value.series[0] if isinstance(value, Several) else value


def _repeated(points: Points) -> Points:
    """Return the series with each gap filled by the value before it."""
    return tuple(accumulate(points, lambda last, value: last if value is None else value))


def _interpolated(points: Points) -> Points:
    """Return the series with each gap between two values filled by a straight line."""
    result = list(points)
    for step in _with_previous(points):
        if step is not None:
            start, low, end, high = step
            for place in range(start + 1, end):
                result[place] = low + (high - low) * (place - start) / (end - start)
    return tuple(result)


def _slice(given: Call) -> Value:
    first, *end = (int(number) for number in given.numbers())
    series = given.several()[first : end[0] if end else None]
    return series[0] if end and end[0] - first == 1 and series else Several(series)


_SORTED_BY: Mapping[str, Callable[[list[float]], float]] = {
    "AVG": statistics.fmean,
    "MIN": min,
    "MAX": max,
    "SUM": math.fsum,
}


def _sort(given: Call) -> Value:
    by, order = given.words
    key = _SORTED_BY[by]
    filled = [series for series in given.several() if has_points(series)]
    ordered = sorted(filled, key=lambda p: key(present(p)), reverse=order == "DESC")
    limit = given.numbers()
    return Several(tuple(ordered[: int(limit[0])] if limit else ordered))


def _one_of(place: int) -> Function:
    return lambda given: given.several()[place] if given.several() else given.grid.nothing()


def _logarithm(function: Callable[[float], float]) -> Function:
    return _pointwise(lambda value: function(value) if value > 0 else None)


FUNCTIONS: Mapping[str, Function] = {
    "ABS": _pointwise(abs),
    "CEIL": _pointwise(lambda value: float(math.ceil(value))),
    "FLOOR": _pointwise(lambda value: float(math.floor(value))),
    "LOG": _logarithm(math.log),
    "LOG10": _logarithm(math.log10),
    "AVG": _folded(statistics.fmean),
    "MAX": _folded(max),
    "MIN": _folded(min),
    "SUM": _folded(math.fsum),
    "STDDEV": _folded(statistics.pstdev),
    "DATAPOINT_COUNT": _datapoint_count,
    "DIFF": _per_series(_difference),
    "DIFF_TIME": _per_series(_time_difference),
    "RATE": _per_series(_rate),
    "RUNNING_SUM": _per_series(_running_sum),
    "FILL": _fill,
    "FIRST": _one_of(0),
    "LAST": _one_of(-1),
    "METRIC_COUNT": lambda given: float(len(given.several())),
    "PERIOD": lambda given: float(given.grid.period),
    "REMOVE_EMPTY": lambda given: Several(tuple(filter(has_points, given.several()))),
    "SLICE": _slice,
    "SORT": _sort,
    "TIME_SERIES": lambda given: given.several()[0],
    "EPOCH": _clock(lambda time: time.timestamp()),
    "MINUTE": _clock(lambda time: time.minute),
    "HOUR": _clock(lambda time: time.hour),
    "DAY": _clock(lambda time: time.isoweekday()),
    "DATE": _clock(lambda time: time.day),
    "MONTH": _clock(lambda time: time.month),
    "YEAR": _clock(lambda time: time.year),
}
