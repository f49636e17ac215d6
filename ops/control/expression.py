"""A parser for CloudWatch's metric math. Pure: text in, a syntax tree out.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

The page does not give the precedence of operators. This parser uses that of most languages, from
the loosest: OR, AND, comparison, + and -, * and /, unary -, ^ (from right to left).
`ops.control.result` determines what an expression returns.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

_TOKEN = re.compile(
    r"(?P<number>\d+(\.\d+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<string>\"[^\"]*\"|'[^']*')"
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/^<>(),\[\]])"
)
_BLANK = re.compile(r"\s*")
_ID = re.compile(r"[a-z][A-Za-z0-9_]*")
_SAME = {"&&": "AND", "||": "OR"}
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
_OPERAND = "a number, the name of a metric, a function, `(` or `[`"
_DEEPEST = 50  # brackets and functions within each other; 2048 characters hold more

# Arguments that are words and not values: of FILL, of SORT.
KEYWORDS = frozenset({"REPEAT", "LINEAR", "AVG", "MIN", "MAX", "SUM", "ASC", "DESC"})


class ExpressionError(ValueError):
    """An expression that CloudWatch refuses. The message says where, and what is allowed."""


@dataclass(frozen=True)
class Number:
    """A scalar, as written."""

    value: float
    at: int


@dataclass(frozen=True)
class String:
    """Text in quotes, without them: an argument of METRICS, SEARCH and the like."""

    value: str
    at: int


@dataclass(frozen=True)
class Metric:
    """The id of a metric, or of another expression of the same request."""

    name: str
    at: int


@dataclass(frozen=True)
class Keyword:
    """A word that is an argument: `REPEAT`, `LINEAR`, `ASC`, `DESC`, or a sort key of SORT."""

    word: str
    at: int


@dataclass(frozen=True)
class Array:
    """An array: `[m1, m2]`."""

    items: tuple["Node", ...]
    at: int


@dataclass(frozen=True)
class Negation:
    """A negated operand: `-m1`."""

    operand: "Node"
    at: int


@dataclass(frozen=True)
class Operation:
    """Two operands. `&&` and `||` are `AND` and `OR` here."""

    operator: str
    left: "Node"
    right: "Node"
    at: int


@dataclass(frozen=True)
class Call:
    """A function with its arguments, whether or not there is such a function."""

    function: str
    arguments: tuple["Node", ...]
    at: int


Node: TypeAlias = Number | String | Metric | Keyword | Array | Negation | Operation | Call


def parse(text: str) -> Node:
    """Return the tree of an expression; `at` of each node is an index into `text`.

    Raise ExpressionError for an invalid text.
    """
    return _Parser(text).whole()


def fail(text_at: int, what: str) -> NoReturn:
    """Raise ExpressionError for the text at an index. Messages count positions from 1."""
    raise ExpressionError(f"at character {text_at + 1}: {what}")


@dataclass(frozen=True)
class _Token:
    kind: str  # a group of `_TOKEN`, or `end`
    text: str
    at: int
    end: int


class _Parser:
    """A recursive-descent parser: one method for each level of precedence."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0
        self._next = self._scan(0)

    def whole(self) -> Node:
        node = self._or()
        if self._next.kind != "end":
            fail(self._next.at, f"`{self._next.text}` cannot follow; expected an operator")
        return node

    def _scan(self, start: int) -> _Token:
        blank = _BLANK.match(self._text, start)
        at = start if blank is None else blank.end()
        if at == len(self._text):
            return _Token("end", "", at, at)
        match = _TOKEN.match(self._text, at)
        if match is None:
            self._fail_on(at)
        text = _SAME.get(match[0], match[0])
        return _Token(str(match.lastgroup), text, at, match.end())

    def _fail_on(self, at: int) -> NoReturn:
        character = self._text[at]
        if character in "\"'":
            fail(at, "the quote is never closed")
        if character == ".":
            fail(at, "write a number with a digit before its point, such as `0.5`")
        fail(at, f"`{character}` has no meaning; expected an operator, or {_OPERAND}")

    def _take(self) -> _Token:
        taken = self._next
        self._next = self._scan(taken.end)
        return taken

    def _left(self, operators: tuple[str, ...], operand: Callable[[], Node]) -> Node:
        """Parse operands with any of these operators between them, from left to right."""
        node = operand()
        while self._next.text in operators and self._next.kind != "string":
            operator = self._take()
            node = Operation(operator.text, node, operand(), operator.at)
        return node

    def _or(self) -> Node:
        return self._left(("OR",), self._and)

    def _and(self) -> Node:
        return self._left(("AND",), self._comparison)

    def _comparison(self) -> Node:
        return self._left(_COMPARISONS, self._sum)

    def _sum(self) -> Node:
        return self._left(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._left(("*", "/"), self._unary)

    def _unary(self) -> Node:
        if self._next.text != "-":
            return self._power()
        sign = self._take()
        return Negation(self._nested(self._unary), sign.at)

    def _power(self) -> Node:
        base = self._operand()
        if self._next.text != "^":
            return base
        operator = self._take()
        return Operation("^", base, self._nested(self._unary), operator.at)

    def _operand(self) -> Node:
        token = self._take()
        match token.kind:
            case "number":
                return self._number(token)
            case "string":
                return String(token.text[1:-1], token.at)
            case "word":
                return self._word(token)
            case "sign" if token.text == "(":
                node = self._nested(self._or)
                self._close(")", token)
                return node
            case "sign" if token.text == "[":
                return Array(self._items("]", token), token.at)
        actual = f"`{token.text}`" if token.text else "the end"
        fail(token.at, f"found {actual}; expected {_OPERAND}")

    def _number(self, token: _Token) -> Node:
        """Parse a number. CloudWatch's page has no exponents and no units, so `1e3` is refused."""
        if self._next.kind == "word" and self._next.at == token.end:
            fail(token.at, f"`{token.text}{self._next.text}` is neither a number nor a name")
        return Number(float(token.text), token.at)

    def _word(self, token: _Token) -> Node:
        if token.text in ("AND", "OR"):
            fail(token.at, f"`{token.text}` has nothing before it; expected {_OPERAND}")
        if self._next.text == "(" and self._next.kind == "sign":
            return Call(token.text, self._items(")", self._take()), token.at)
        if token.text in KEYWORDS:
            return Keyword(token.text, token.at)
        if _ID.fullmatch(token.text):
            return Metric(token.text, token.at)
        fail(token.at, f"`{token.text}` is not a name: names begin with a small letter")

    def _items(self, closing: str, opening: _Token) -> tuple[Node, ...]:
        """Parse the items between two brackets, which commas separate."""
        items: list[Node] = []
        while self._next.text != closing or self._next.kind == "string":
            items.append(self._nested(self._or))
            if self._next.text != ",":
                break
            self._take()
            if self._next.text == closing:
                fail(self._next.at, f"found `{closing}` after a comma; expected {_OPERAND}")
        self._close(closing, opening)
        return tuple(items)

    def _close(self, closing: str, opening: _Token) -> None:
        if self._next.text != closing or self._next.kind == "string":
            if self._next.kind == "end":
                fail(opening.at, f"`{opening.text}` is never closed; expected `{closing}`")
            fail(self._next.at, f"found `{self._next.text}`; expected `{closing}` or an operator")
        self._take()

    def _nested(self, level: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            fail(self._next.at, f"more than {_DEEPEST} levels of brackets")
        node = level()
        self._depth -= 1
        return node
