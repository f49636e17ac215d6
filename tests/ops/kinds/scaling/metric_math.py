"""Metric math at one moment, after CloudWatch's documentation; None is a missing value.

The page defines arithmetic, AND and IF with missing values, and that a missing metric compares
with another as 0. It does not define the comparison with a number, so the caller chooses.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_Function = Callable[..., float | None]

_ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS = {ast.Gt: operator.gt, ast.GtE: operator.ge}


@dataclass(frozen=True)
class Math:
    """The values of the metrics, and whether a comparison takes a missing value as 0."""

    values: Mapping[str, float | None]
    compares_missing: bool

    def evaluate(self, expression: str) -> float | None:
        """Return the value of an expression."""
        return self._of(ast.parse(expression.replace(" AND ", " and "), mode="eval").body)

    def _of(self, node: ast.expr) -> float | None:
        match node:
            case ast.Name(name):
                return self.values[name]
            case ast.BinOp(left, operation, right):
                return self._calculated(type(operation), self._of(left), self._of(right))
            case ast.Compare(left, [operation], [right]):
                return self._compared(type(operation), left, right)
            case ast.BoolOp(ast.And(), operands):
                return float(all(self._of(each) for each in operands))
            case ast.Call(ast.Name(function), arguments):
                functions: dict[str, _Function] = {"FILL": self._filled, "IF": self._chosen}
                return functions[function](*arguments)
            case _:
                return float(ast.literal_eval(node))

    def _calculated(
        self, operation: type[ast.operator], left: float | None, right: float | None
    ) -> float | None:
        if left is None and right is None:
            return None
        if operation is ast.Div and not right:
            return None  # the data point is dropped
        return float(_ARITHMETIC[operation](left or 0.0, right or 0.0))

    def _compared(
        self, operation: type[ast.cmpop], left: ast.expr, right: ast.expr
    ) -> float | None:
        first, second = self._of(left), self._of(right)
        is_dropped = (
            not self.compares_missing if isinstance(right, ast.Constant) else second is None
        )
        if first is None and is_dropped:
            return None
        return float(_COMPARISONS[operation](first or 0.0, second or 0.0))

    def _filled(self, metric: ast.expr, filler: ast.expr) -> float | None:
        found = self._of(metric)
        return self._of(filler) if found is None else found

    def _chosen(self, condition: ast.expr, then: ast.expr, *otherwise: ast.expr) -> float | None:
        found = self._of(condition)
        if found is None:
            return None
        if found:
            return self._of(then) or 0.0
        return self._of(otherwise[0]) if otherwise else None
