"""Filter patterns of CloudWatch Logs: which log lines match, and the fields that they have.

Text terms, JSON in braces, and space-delimited fields in brackets; matches are case-sensitive.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
Our reading: a comparison with a missing field does not match, `!=` included.
"""

from __future__ import annotations

import fnmatch
import functools
import json
import operator
import re
from collections.abc import Callable
from typing import Any

Fields = Any
"""The fields of a line: parsed JSON, a dictionary by name, or None where it has none."""
Value = Any
"""The value of a field, or the text of a line."""
Test = Callable[[Value], bool]

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_TOKEN = re.compile(
    r'\s*("(?:[^"\\]|\\.)*"|%[^%]*%|\$[^\s=!<>()&|]+|&&|\|\||!=|<=|>=|[=<>()]|[^\s=!<>()&|]+)'
)
_TERM = re.compile(r'([?-]?)("(?:[^"\\]|\\.)*"|%[^%]*%|\S+)')
_WORD = re.compile(r"\w+", re.ASCII)
"""A term that needs no quotes: letters, digits and underscores."""
_REGEX = re.compile(r"[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+.]*")
_REGEXES = 2
"""Regular expressions in a pattern of JSON or of fields."""
_DELIMITED = re.compile(r'\[[^\]]*\]|"[^"]*"|\S+')
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\*)\]")
_MISSING = object()


class PatternError(ValueError):
    """A filter pattern that CloudWatch Logs refuses."""


class LogPattern:
    """A filter pattern. Raise PatternError for an invalid text."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern.strip()
        self._kind = self._text[:1]
        if self._kind in {"{", "["} and len(re.findall(r"%[^%]*%", self._text)) > _REGEXES:
            raise PatternError(f"A filter pattern has at most {_REGEXES} regular expressions")
        if self._kind == "{":
            self._test = _Reader(_inside(self._text, "}")).expression()
        elif self._kind == "[":
            self._names, self._test = _delimited(_inside(self._text, "]"))
        else:
            self._test = _terms(self._text)

    def match(self, line: str) -> tuple[bool, Fields]:
        """Return whether a line matches, and its fields."""
        if self._kind == "{":
            try:
                fields = json.loads(line)
            except ValueError:
                return False, None
            return isinstance(fields, dict) and self._test(fields), fields
        if self._kind == "[":
            fields = _assigned(self._names, _DELIMITED.findall(line))
            return fields is not None and self._test(fields), fields
        return self._test(line), None


@functools.cache
def log_pattern(pattern: str) -> LogPattern:
    """Return a pattern, parsed once."""
    return LogPattern(pattern)


def field(fields: Fields, selector: str) -> Value:
    """Return the field at `$.a.b[0]` or `$name`; None if the line does not have it."""
    value = _at(fields, selector)
    return None if value is _MISSING else value


def _inside(pattern: str, end: str) -> str:
    if not pattern.endswith(end):
        raise PatternError(f"The filter pattern has no `{end}` at its end: {pattern}")
    return pattern[1:-1].strip()


def _terms(pattern: str) -> Test:
    """Return a function that tests a pattern of text. Optional terms count only if all are
    optional.
    """
    terms = [(sign, _matcher(word)) for sign, word in _TERM.findall(pattern)]
    optional = [test for sign, test in terms if sign == "?"]
    if optional and len(optional) == len(terms):
        return lambda line: any(test(line) for test in optional)
    needed = [(sign == "", test) for sign, test in terms if sign != "?"]
    return lambda line: all(test(line) is is_required for is_required, test in needed)


def _matcher(word: str) -> Test:
    if len(word) > 1 and word[0] == word[-1] == "%":
        return _regex(word)
    text = _unquoted(word)
    if text == word and not _WORD.fullmatch(word):
        raise PatternError(f"Invalid character(s) in term '{word}', which needs double quotes")
    return lambda line: text in line


def _regex(word: str) -> Test:
    """Return a function that tests a regular expression between percent signs.

    CloudWatch has fewer characters than Python: no parentheses, no space.
    """
    if not _REGEX.fullmatch(word[1:-1]):
        raise PatternError(f"Invalid character(s) in the regular expression {word}")
    try:
        compiled = re.compile(word[1:-1])
    except re.error as error:
        raise PatternError(f"The regular expression {word} is invalid: {error}") from error
    return lambda value: compiled.search(_text(value)) is not None


class _Reader:
    """Reads `||`, `&&`, parentheses and comparisons of selectors."""

    def __init__(self, text: str, prefix: str = "") -> None:
        self._tokens = _TOKEN.findall(text)
        self._prefix = prefix
        if _TOKEN.sub("", text).strip():
            raise PatternError(f"The filter pattern cannot be read: {text}")

    def expression(self) -> Test:
        """Return the test of all that is to be read."""
        test = self._any_of()
        if self._tokens:
            raise PatternError(f"The filter pattern has an unexpected `{self._tokens[0]}`")
        return test

    def _any_of(self) -> Test:
        tests = [self._all_of()]
        while self._tokens[:1] == ["||"]:
            self._next()
            tests.append(self._all_of())
        return lambda fields: any(test(fields) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._one()]
        while self._tokens[:1] == ["&&"]:
            self._next()
            tests.append(self._one())
        return lambda fields: all(test(fields) for test in tests)

    def _one(self) -> Test:
        first = self._next()
        if first == "(":
            test = self._any_of()
            if self._next() != ")":
                raise PatternError("The filter pattern has a `(` without its `)`")
            return test
        selector = first if first.startswith("$") else self._prefix + first
        if not selector.startswith("$"):
            raise PatternError(f"`{first}` is no selector such as `$.level`")
        return _comparison(selector, self._next(), self._next())

    def _next(self) -> str:
        if not self._tokens:
            raise PatternError("The filter pattern ends too early")
        return str(self._tokens.pop(0))


def _comparison(selector: str, how: str, value: str) -> Test:
    words = (how.upper(), value.upper())
    if words == ("NOT", "EXISTS"):
        return lambda fields: _at(fields, selector) is _MISSING
    if words[0] == "IS" and words[1] in {"NULL", "TRUE", "FALSE"}:
        expected = {"NULL": None, "TRUE": True, "FALSE": False}[words[1]]
        return lambda fields: _at(fields, selector) is expected
    if how in {"=", "!="}:
        test = _equal(value)
        return lambda fields: (
            (field_value := _at(fields, selector)) is not _MISSING
            and (test(field_value) is (how == "="))
        )
    if how not in _OPERATORS:
        raise PatternError(f"`{how}` is no comparison")
    compare, bound = _OPERATORS[how], _number(value)
    if bound is None:
        raise PatternError(f"`{value}` is no number, which `{how}` needs")
    return lambda fields: (
        (field_value := _number(_at(fields, selector))) is not None and compare(field_value, bound)
    )


def _equal(value: str) -> Test:
    if len(value) > 1 and value[0] == value[-1] == "%":
        return _regex(value)
    text, bound = _unquoted(value), _number(value)
    shape = re.compile(fnmatch.translate(re.sub(r"([?\[])", r"[\1]", text)))

    def test(field_value: Value) -> bool:
        if bound is not None and (number := _number(field_value)) is not None:
            return number == bound
        return (
            not isinstance(field_value, (dict, list))
            and shape.match(_text(field_value)) is not None
        )

    return test


def _delimited(text: str) -> tuple[list[str], Test]:
    """Return the names of space-delimited fields, and the test of their conditions."""
    names, tests = [], []
    for place, part in enumerate(text.split(",")):
        words = part.split()
        name = re.split(r"[=!<>]", words[0])[0] if words else ""
        names.append(name or f"_{place}")
        if re.search(r"[=<>]", part):
            tests.append(_Reader(part, "$").expression())
    return names, lambda fields: all(test(fields) for test in tests)


def _assigned(names: list[str], values: list[str]) -> dict[str, str] | None:
    """Return the fields by name; None if the line has another number of fields."""
    if "..." in names:
        place = names.index("...")
        spare = len(values) - len(names) + 1
        if spare < 0:
            return None
        values = [*values[:place], "", *values[place + spare :]]
    if len(names) != len(values):
        return None
    return {name: value.strip('[]"') for name, value in zip(names, values, strict=True)}


def _at(fields: Fields, selector: str) -> Value:
    value = fields
    for name, index in _STEP.findall(selector.lstrip("$")):
        if name and isinstance(value, dict) and name in value:
            value = value[name]
        elif index.isdigit() and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            return _MISSING
    return value


def _number(value: Value) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _unquoted(word: str) -> str:
    if len(word) > 1 and word[0] == word[-1] == '"':
        return re.sub(r"\\(.)", r"\1", word[1:-1])
    return word


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)
