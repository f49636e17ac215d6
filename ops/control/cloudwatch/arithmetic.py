"""Operators and IF of metric math on numbers and time series. Pure.

A missing value counts as 0 if the other one exists; if both are missing, there is no point. Beside
a number only the series' own points count. A division by zero drops the point.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import operator
from collections.abc import Callable, Mapping

from ops.control.cloudwatch.points import Grid, Points, Several, Value, mapped

Combine = Callable[[float, float], float | None]


def _divided(left: float, right: float) -> float | None:
    return left / right if right else None


def _power(left: float, right: float) -> float | None:
    try:
        result = left**right
    except (OverflowError, ZeroDivisionError):
        return None
    return None if isinstance(result, complex) else result


def _truth(test: Callable[[float, float], bool]) -> Combine:
    return lambda left, right: 1.0 if test(left, right) else 0.0


OPERATORS: Mapping[str, Combine] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "^": _power,
    "==": _truth(operator.eq),
    "!=": _truth(operator.ne),
    "<": _truth(operator.lt),
    "<=": _truth(operator.le),
    ">": _truth(operator.gt),
    ">=": _truth(operator.ge),
    "AND": _truth(lambda left, right: bool(left) and bool(right)),
    "OR": _truth(lambda left, right: bool(left) or bool(right)),
}


def combined(sign: str, left: Value, right: Value, grid: Grid) -> Value:
    """Return the result of an operator."""
    apply = OPERATORS[sign]
    if isinstance(left, Several):
        return Several(tuple(_series(combined(sign, e, right, grid), grid) for e in left.series))
    if isinstance(right, Several):
        return Several(tuple(_series(combined(sign, left, e, grid), grid) for e in right.series))
    if isinstance(left, tuple):
        if isinstance(right, tuple):
            return tuple(
                None if a is None and b is None else apply(a or 0.0, b or 0.0)
                for a, b in zip(left, right, strict=True)
            )
        number = right
        return mapped(left, lambda value: apply(value, number))
    if isinstance(right, tuple):
        number = left
        return mapped(right, lambda value: apply(number, value))
    result = apply(left, right)
    return grid.nothing() if result is None else result


def chosen(condition: Value, yes: Value, no: Value | None, grid: Grid) -> Value:
    """Return the result of IF.

    A point without a condition is dropped. If the condition is true, a missing `yes` counts as
    0; if not, a missing `no` drops the point. AWS does not describe arrays here; each of their
    series is treated on its own.
    """
    several = next((e for e in (condition, yes, no) if isinstance(e, Several)), None)
    if several is not None:
        places = range(len(several.series))
        parts = (
            chosen(_at(condition, i), _at(yes, i), None if no is None else _at(no, i), grid)
            for i in places
        )
        return Several(tuple(_series(part, grid) for part in parts))
    if not isinstance(condition, tuple):
        branch = yes if condition else no
        return grid.nothing() if branch is None else branch
    when, otherwise = _series(yes, grid), grid.nothing() if no is None else _series(no, grid)
    return tuple(
        None if test is None else ((a or 0.0) if test else b)
        for test, a, b in zip(condition, when, otherwise, strict=True)
    )


def as_series(value: Value, grid: Grid) -> Points:
    """Return a series; a number becomes a series with that value in every period."""
    return _series(value, grid)


def _series(value: Value, grid: Grid) -> Points:
    if isinstance(value, tuple):
        return value
    if isinstance(value, Several):
        return value.series[0] if value.series else grid.nothing()
    return (value,) * grid.length


def _at(value: Value, place: int) -> Value:
    if not isinstance(value, Several):
        return value
    return value.series[min(place, len(value.series) - 1)]
