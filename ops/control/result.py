"""The result of a metric math expression: a number, a time series, or an array of them. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
Where that page says nothing (arrays in comparisons, numbers inside `[…]`), the expression is
accepted: only what AWS documents is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from ops.control.expression import (
    Array,
    Call,
    Keyword,
    Metric,
    Negation,
    Node,
    Number,
    Operation,
    String,
    fail,
)
from ops.control.functions import (
    FUNCTIONS,
    SCALAR,
    SERIES,
    WORDS,
    Argument,
    CheckedCall,
    Function,
    Result,
    Scalar,
    Series,
    SeriesArray,
)

_ARITHMETIC = ("+", "-", "*", "/", "^")
_KINDS: Mapping[Argument, type[Result] | tuple[type[Result], ...]] = {
    Argument.SCALAR: Scalar,
    Argument.SERIES: Series,
    Argument.ARRAY: SeriesArray,
    Argument.SERIES_OR_ARRAY: (Series, SeriesArray),
    Argument.VALUE: (Scalar, Series, SeriesArray),
    Argument.FILLER: (Scalar, Series),
}
_NAMES = {
    Scalar: "a number",
    Series: "a time series",
    SeriesArray: "an array of time series",
}


def result_of(node: Node, known: Mapping[str, Result], metrics: Iterable[str]) -> Result:
    """Return what an expression returns.

    `known` has the result of each id that it may name; `metrics` are the ids of metrics, which
    METRICS() returns. Raise ExpressionError for names, functions and arguments that
    CloudWatch refuses.
    """
    return _Check(known, tuple(metrics)).result(node)


def functions_in(node: Node) -> dict[str, int]:
    """Return the functions that an expression calls, each with its index in the text."""
    match node:
        case Call():
            inner: Sequence[Node] = node.arguments
        case Array():
            inner = node.items
        case Negation():
            inner = [node.operand]
        case Operation():
            first, operations = _unrolled(node)
            inner = [first, *(operation.right for operation in operations)]
        case Number() | String() | Metric() | Keyword():
            return {}
        case _:
            assert_never(node)
    places = {name: at for part in inner for name, at in functions_in(part).items()}
    return {**places, node.function: node.at} if isinstance(node, Call) else places


def _unrolled(node: Operation) -> tuple[Node, list[Operation]]:
    """Return the leftmost operand, and the operations on it in order, without recursion: a sum
    may have hundreds of operands.
    """
    operations: list[Operation] = []
    left: Node = node
    while isinstance(left, Operation):
        operations.append(left)
        left = left.left
    return left, operations[::-1]


@dataclass(frozen=True)
class _Check:
    known: Mapping[str, Result]
    metrics: Sequence[str]

    def result(self, node: Node) -> Result:
        match node:
            case Number():
                result: Result = SCALAR
            case Metric():
                result = self._named(node)
            case Array():
                result = SeriesArray(self._size(node))
            case Negation():
                result = self.result(node.operand)
            case Operation():
                result = self._operation(node)
            case Call():
                result = self._call(node)
            case String():
                fail(node.at, f"the text `{node.value}` cannot be calculated with")
            case Keyword():
                fail(node.at, f"`{node.word}` is not a value; it is an argument of FILL or SORT")
            case _:
                assert_never(node)
        return result

    def _named(self, node: Metric) -> Result:
        if node.name not in self.known:
            names = ", ".join(f"`{name}`" for name in sorted(self.known))
            fail(node.at, f"there is no metric `{node.name}`; there are {names or 'none'}")
        return self.known[node.name]

    def _size(self, array: Array) -> int | None:
        if not array.items:
            fail(array.at, "the array is empty; expected time series, such as `[m1, m2]`")
        results = [self.result(item) for item in array.items]
        sizes = [item.size if isinstance(item, SeriesArray) else 1 for item in results]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None

    def _operation(self, node: Operation) -> Result:
        first, operations = _unrolled(node)
        result = self.result(first)
        for operation in operations:
            result = _combined(operation, result, self.result(operation.right))
        return result

    def _call(self, call: Call) -> Result:
        function = _function(call)
        _check_count(call, function)
        results = [
            self._argument(call, at, expected)
            for at, expected in zip(range(len(call.arguments)), function.arguments, strict=False)
        ]
        result = function.returns(CheckedCall(call, results, self.metrics))
        if result is None:
            fail(call.at, f"{call.function} needs a time series among its arguments")
        return result

    def _argument(self, call: Call, at: int, expected: Argument) -> Result | None:
        node = call.arguments[at]
        what = f"{call.function} takes {expected.value} as argument {at + 1}"
        if isinstance(node, Keyword) and node.word in WORDS.get(expected, ()):
            return None
        if expected is Argument.TEXT and isinstance(node, String):
            return None
        if expected is Argument.METRIC:
            # AWS of PERIOD: "Valid input is metrics, not the results of other expressions."
            is_metric = isinstance(node, Metric) and self._named(node) and node.name in self.metrics
            return SERIES if is_metric else fail(node.at, what)
        if expected not in _KINDS or isinstance(node, String | Keyword):
            fail(node.at, what)
        result = self.result(node)
        if not isinstance(result, _KINDS[expected]):
            fail(node.at, f"{what}, not {_NAMES[type(result)]}")
        return result


def _function(call: Call) -> Function:
    function = FUNCTIONS.get(call.function)
    if function is None:
        upper = call.function.upper()
        hint = f"there are {', '.join(FUNCTIONS)}"
        if upper in FUNCTIONS:
            hint = f"write `{upper}`: names of functions are upper case"
        fail(call.at, f"there is no function `{call.function}`; {hint}")
    return function


def _check_count(call: Call, function: Function) -> None:
    most, actual = len(function.arguments), len(call.arguments)
    if not function.fewest <= actual <= most:
        count = str(most) if function.fewest == most else f"{function.fewest} to {most}"
        form = "; ".join(argument.value for argument in function.arguments)
        noun = "argument" if count == "1" else "arguments"
        fail(call.at, f"{call.function} takes {count} {noun} ({form}), not {actual}")


def _combined(node: Operation, left: Result, right: Result) -> Result:
    """Return the result of an operation.

    AWS lists arithmetic on S and S, TS and TS, TS and S, TS[] and S or TS; not on two TS[].
    """
    arrays = [result for result in (left, right) if isinstance(result, SeriesArray)]
    if len(arrays) == 2 and node.operator in _ARITHMETIC:
        fail(node.at, f"`{node.operator}` cannot combine two arrays of time series")
    if arrays:
        return arrays[0]  # pragma: no mutate - AWS does not say which of two
    return SCALAR if left == right == SCALAR else SERIES
