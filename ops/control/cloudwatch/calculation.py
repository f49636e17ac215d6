"""The value of a metric math expression. Pure: a tree and time series in, a value out.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
`ops.control.result` checks an expression; only what passed it is calculated here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from ops.control.cloudwatch.arithmetic import chosen, combined
from ops.control.cloudwatch.library import FUNCTIONS
from ops.control.cloudwatch.library import Call as Arguments
from ops.control.cloudwatch.points import Grid, Points, Several, Value, mapped
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
from ops.control.undocumented import DEFAULT, Choices


def value_of(
    node: Node,
    known: Mapping[str, Value],
    grid: Grid,
    metrics: tuple[str, ...] = (),
    choices: Choices = DEFAULT,
) -> Value:
    """Return the value of an expression.

    `known` has the values that it may name, `metrics` the ids among them that METRICS() returns.
    Raise ExpressionError for functions that need data that only AWS has.
    """
    return _Calculation(known, grid, metrics, choices).value(node)


@dataclass(frozen=True, slots=True)
class _Calculation:
    known: Mapping[str, Value]
    grid: Grid
    metrics: tuple[str, ...]
    choices: Choices

    def value(self, node: Node) -> Value:
        match node:
            case Number():
                result: Value = node.value
            case Metric():
                result = self.known[node.name]
            case Operation():
                result = self._operation(node)
            case Call():
                result = self._call(node)
            case Negation():
                result = _negative(self.value(node.operand))
            case Array():
                result = Several(tuple(p for item in node.items for p in self._series(item)))
            case String() | Keyword():
                fail(node.at, "an argument of a function has no value of its own")
            case _:
                assert_never(node)
        return result

    def _operation(self, node: Operation) -> Value:
        """Calculate from the left in a loop: a sum may have hundreds of operands."""
        operations: list[Operation] = []
        left: Node = node
        while isinstance(left, Operation):
            operations.append(left)
            left = left.left
        result = self.value(left)
        for operation in reversed(operations):
            result = combined(operation.operator, result, self.value(operation.right), self.grid)
        return result

    def _series(self, node: Node) -> tuple[Points, ...]:
        value = self.value(node)
        if isinstance(value, Several):
            return value.series
        return (value if isinstance(value, tuple) else (value,) * self.grid.length,)

    def _call(self, call: Call) -> Value:
        if call.function == "IF":
            given = [self.value(argument) for argument in call.arguments]
            return chosen(given[0], given[1], given[2] if len(given) > 2 else None, self.grid)
        if call.function == "METRICS":
            part = next((e.value for e in call.arguments if isinstance(e, String)), "")
            named = [name for name in self.metrics if part in name]
            return Several(tuple(p for name in named for p in self._series(Metric(name, call.at))))
        function = FUNCTIONS.get(call.function)
        if function is None:
            fail(call.at, f"{call.function} needs data that only AWS has")
        words = tuple(argument.word for argument in call.arguments if isinstance(argument, Keyword))
        values = tuple(
            self.value(argument)
            for argument in call.arguments
            if not isinstance(argument, Keyword | String)
        )
        return function(Arguments(values, words, self.grid, self.choices))


def _negative(value: Value) -> Value:
    if isinstance(value, Several):
        return Several(tuple(mapped(one, float.__neg__) for one in value.series))
    return mapped(value, float.__neg__) if isinstance(value, tuple) else -value
