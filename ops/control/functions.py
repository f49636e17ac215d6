"""The functions of CloudWatch's metric math: their arguments, and what they return. Pure.

The table is AWS's, by its columns "Arguments" and "Return type":
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from ops.control.expression import Call, Number, String


@dataclass(frozen=True)
class Scalar:
    """A number, the same at every time."""


@dataclass(frozen=True)
class Series:
    """A time series."""


@dataclass(frozen=True)
class SeriesArray:
    """An array of time series. `size` is None if it depends on the metrics at that time."""

    size: int | None


Result: TypeAlias = Scalar | Series | SeriesArray
SCALAR, SERIES = Scalar(), Series()


class Argument(Enum):
    """A type of argument, in the words of messages."""

    SCALAR = "a number"
    SERIES = "a time series"
    ARRAY = "an array of time series"
    SERIES_OR_ARRAY = "a time series or an array of them"
    VALUE = "a number or a time series"
    METRIC = "the name of a metric"
    TEXT = "text in quotes"
    FILLER = "a number, a time series, REPEAT or LINEAR"
    SORTED_BY = "AVG, MIN, MAX or SUM"
    ORDER = "ASC or DESC"


WORDS: Mapping[Argument, frozenset[str]] = {
    Argument.FILLER: frozenset({"REPEAT", "LINEAR"}),
    Argument.SORTED_BY: frozenset({"AVG", "MIN", "MAX", "SUM"}),
    Argument.ORDER: frozenset({"ASC", "DESC"}),
}


@dataclass(frozen=True)
class CheckedCall:
    """A call with checked arguments: their results in order, None for text or a word."""

    node: Call
    results: Sequence[Result | None]
    metrics: Sequence[str]  # the ids of the request's metrics

    @property
    def numbers(self) -> list[float]:
        """Return the arguments that are literal numbers."""
        return [argument.value for argument in self.node.arguments if isinstance(argument, Number)]


Returns: TypeAlias = Callable[[CheckedCall], Result | None]


@dataclass(frozen=True)
class Function:
    """A function of metric math. Without `least`, all arguments are required."""

    arguments: tuple[Argument, ...]
    returns: Returns  # None where the arguments together are refused
    least: int | None = None

    @property
    def fewest(self) -> int:
        """Return the minimum number of arguments."""
        return len(self.arguments) if self.least is None else self.least


def _scalar(_: CheckedCall) -> Result:
    return SCALAR


def _series(_: CheckedCall) -> Result:
    return SERIES


def _array(_: CheckedCall) -> Result:
    return SeriesArray(None)


def _band(_: CheckedCall) -> Result:
    return SeriesArray(2)


def _like_its_argument(call: CheckedCall) -> Result | None:
    return call.results[0]


def _folded(call: CheckedCall) -> Result:
    """Return a number for a series, and a series for an array, as MAX and similar functions do."""
    return SERIES if isinstance(call.results[0], SeriesArray) else SCALAR


def _if(call: CheckedCall) -> Result | None:
    """Return None for numbers alone, which AWS does not list. Its page does not mention arrays."""
    if all(result == SCALAR for result in call.results):
        return None
    return next((result for result in call.results if isinstance(result, SeriesArray)), SERIES)


def _metrics(call: CheckedCall) -> Result:
    """Return an array of the request's metrics, or of those with a text in their ids."""
    parts = [argument.value for argument in call.node.arguments if isinstance(argument, String)]
    return SeriesArray(sum(all(part in name for part in parts) for name in call.metrics))


def _slice(call: CheckedCall) -> Result:
    numbers = call.numbers
    is_single = len(numbers) == 2 and numbers[1] - numbers[0] == 1
    return SeriesArray(1 if is_single else None)


def _sort(call: CheckedCall) -> Result | None:
    if len(call.results) == 3:
        return call.results[0]
    return SeriesArray(int(call.numbers[-1]) if call.numbers else None)


_A = Argument


def _all(names: Sequence[str], argument: Argument, returns: Returns) -> dict[str, Function]:
    return dict.fromkeys(names, Function((argument,), returns))


FUNCTIONS: Mapping[str, Function] = dict(
    sorted(
        {
            **_all(
                ["ABS", "CEIL", "DIFF", "DIFF_TIME", "FLOOR", "LOG", "LOG10", "RATE"],
                _A.SERIES_OR_ARRAY,
                _like_its_argument,
            ),
            "RUNNING_SUM": Function((_A.SERIES_OR_ARRAY,), _like_its_argument),
            **_all(
                ["AVG", "DATAPOINT_COUNT", "MAX", "MIN", "STDDEV", "SUM"],
                _A.SERIES_OR_ARRAY,
                _folded,
            ),
            **_all(["MINUTE", "HOUR", "DAY", "DATE", "MONTH", "YEAR", "EPOCH"], _A.SERIES, _series),
            **_all(["FIRST", "LAST"], _A.ARRAY, _series),
            "ANOMALY_DETECTION_BAND": Function((_A.SERIES, _A.SCALAR), _band, least=1),
            "DB_PERF_INSIGHTS": Function((_A.TEXT, _A.TEXT, _A.TEXT), _series),
            "FILL": Function((_A.SERIES_OR_ARRAY, _A.FILLER), _like_its_argument),
            "IF": Function((_A.VALUE, _A.VALUE, _A.VALUE), _if, least=2),
            "INSIGHT_RULE_METRIC": Function((_A.TEXT, _A.TEXT), _series),
            "METRICS": Function((_A.TEXT,), _metrics, least=0),
            "METRIC_COUNT": Function((_A.ARRAY,), _scalar),
            "PERIOD": Function((_A.METRIC,), _scalar),
            "REMOVE_EMPTY": Function((_A.ARRAY,), _array),
            "SEARCH": Function((_A.TEXT, _A.TEXT, _A.SCALAR), _array, least=1),
            "SERVICE_QUOTA": Function((_A.METRIC,), _series),
            "SLICE": Function((_A.ARRAY, _A.SCALAR, _A.SCALAR), _slice, least=2),
            "SORT": Function((_A.ARRAY, _A.SORTED_BY, _A.ORDER, _A.SCALAR), _sort, least=3),
            "TIME_SERIES": Function((_A.SCALAR,), _series),
        }.items()
    )
)
