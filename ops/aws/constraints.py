"""The limits of parameters in the service models: required, sizes, patterns, enumerations.

botocore itself checks types, what is required and minimal sizes, and nothing else. Messages are in
the words in which AWS's services answer:
https://github.com/smithy-lang/smithy-rs/blob/main/design/src/server/validation_exceptions.md
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ops.base.errors import OpsError

_LONGEST_SHOWN = 80
# Patterns are Java's. What Python's `re` writes differently:
_SEPARATORS = r" \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_TRANSLATED = (
    (r"\uD800\uDC00-\uDBFF\uDFFF", "\U00010000-\U0010ffff"),  # two surrogates are one character
    (r"\p{Print}", "[ -~]"),
    (r"\p{L}", r"\w"),  # and digits and `_`, which each of the classes with `\p{L}` has
    (r"\p{N}", r"\w"),
    (r"\p{Zs}", _SEPARATORS),
    (r"\p{Z}", _SEPARATORS),
)


@dataclass(frozen=True)
class Violation:
    """A parameter that a service refuses. `path` is dotted; numbers are indices of lists."""

    path: str
    value: object
    constraint: str

    def __str__(self) -> str:
        shown = str(self.value)
        if len(shown) > _LONGEST_SHOWN:
            shown = f"{shown[:_LONGEST_SHOWN]}…"
        of = "null" if self.value is None else f"'{shown}'"
        return f"Value {of} at '{self.path}' failed to satisfy constraint: {self.constraint}"


@dataclass(frozen=True)
class Request:
    """A call and its parameters, with the API's names."""

    service: str  # botocore's name of it
    operation: str  # such as `PutMetricAlarm`
    parameters: Mapping[str, Any]


def violations(shape: Any, value: object, path: str = "") -> Iterator[Violation]:  # noqa: ANN401  # botocore's shapes are not typed
    """Yield the errors of a value by its botocore shape, with all nested values."""
    match value:
        case str():  # first: most are texts, and to ask for an abstract class takes long
            yield from _of_text(shape, value, path)
        case bool():
            return
        case int() | float():
            yield from _of_number(shape, value, path)
        case Mapping() if shape.type_name == "structure":
            yield from _of_structure(shape, value, path)
        case Mapping():
            yield from _of_size(shape, len(value), value, path)
            for key, inner in value.items():
                yield from violations(shape.key, key, f"{path}.key")
                yield from violations(shape.value, inner, f"{path}.{key}")
        case list() | tuple():
            yield from _of_size(shape, len(value), value, path)
            for number, inner in enumerate(value, 1):
                yield from violations(shape.member, inner, f"{path}.{number}")


def _of_structure(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[Violation]:  # noqa: ANN401
    where = f"{path}." if path else ""
    for name in shape.required_members:
        if value.get(name) is None:
            yield Violation(f"{where}{name}", None, "Member must not be null")
    for name, inner in value.items():
        if name in shape.members:
            yield from violations(shape.members[name], inner, f"{where}{name}")


def _of_size(shape: Any, size: int, value: object, path: str) -> Iterator[Violation]:  # noqa: ANN401
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield Violation(path, value, f"Member must have length greater than or equal to {least}")
    if most is not None and size > most:
        yield Violation(path, value, f"Member must have length less than or equal to {most}")


def _of_text(shape: Any, value: str, path: str) -> Iterator[Violation]:  # noqa: ANN401
    if shape.type_name != "string":
        return
    yield from _of_size(shape, len(value), value, path)
    pattern, allowed = shape.metadata.get("pattern"), shape.metadata.get("enum")
    if pattern and not matcher(pattern)(value):
        yield Violation(path, value, f"Member must satisfy regular expression pattern: {pattern}")
    if allowed and value not in allowed:
        yield Violation(path, value, f"Member must satisfy enum value set: [{', '.join(allowed)}]")


def _of_number(shape: Any, value: float, path: str) -> Iterator[Violation]:  # noqa: ANN401
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield Violation(path, value, f"Member must have value greater than or equal to {least}")
    if most is not None and value > most:
        yield Violation(path, value, f"Member must have value less than or equal to {most}")


def refusals(model: Any, request: Request) -> list[str]:  # noqa: ANN401
    """Return why a service of this model would refuse a request."""
    shape = model.operation_model(request.operation).input_shape
    return [str(violation) for violation in violations(shape, request.parameters)]


def check_parameters(params: Mapping[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401
    """Raise OpsError for a call that AWS would refuse; for botocore's `before-parameter-build`."""
    if model.input_shape is None:
        return
    if reasons := [str(violation) for violation in violations(model.input_shape, params)]:
        raise OpsError(f"{model.name} was not sent, as AWS would refuse it: {'; '.join(reasons)}")


@cache
def matcher(pattern: str) -> Callable[[str], object]:
    """Return a function that checks whether a pattern of a service model matches a whole text.

    A pattern that Python cannot read matches everything: a missing check is better than a wrong
    one.
    """
    translated = pattern
    for java, python in _TRANSLATED:
        translated = translated.replace(java, python)
    try:
        return re.compile(translated).fullmatch
    except re.error:
        return lambda _: True
