"""The comments on the fields of a model in its source, for schemas and references.

The source is read only when a schema is generated. pydantic's `use_attribute_docstrings` would read
the source of every model each time that `ops` starts.
"""

import ast
import inspect
import io
import re
import sys
import textwrap
import tokenize
from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel

_FOR_TOOLS = re.compile(r"(noqa|type: ?ignore).*")


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstring of each field, or the comment next to or above it. Fields without either
    are omitted.
    """
    meaning_of: dict[str, str] = {}
    for cls in _written(model):
        for field, meaning in _of_class(cls).items():
            meaning_of.setdefault(field, meaning)
    return meaning_of


def _written(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Return the model and its bases; for a generated model, all models of its module."""
    yield from (cls for cls in model.__mro__ if issubclass(cls, BaseModel))
    if model.__name__ not in vars(sys.modules[model.__module__]):
        for other in vars(sys.modules[model.__module__]).values():
            if isinstance(other, type) and issubclass(other, BaseModel):
                yield from (cls for cls in other.__mro__ if issubclass(cls, BaseModel))


@cache
def _of_class(model: type[BaseModel]) -> dict[str, str]:
    if not model.__module__.startswith("ops."):
        return {}
    try:
        source = textwrap.dedent(inspect.getsource(model))
    except (OSError, TypeError):
        return {}  # a program put it together
    (definition,) = ast.parse(source).body
    comments = _comments(source)
    meaning_of: dict[str, str] = {}
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            meaning = _docstring(following) or _comment(statement, comments)
            if meaning:
                meaning_of[statement.target.id] = meaning
    return meaning_of


def _docstring(statement: ast.stmt | None) -> str | None:
    match statement:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return " ".join(inspect.cleandoc(text).split())
        case _:
            return None


def _comment(statement: ast.stmt, comments: dict[int, tuple[str, bool]]) -> str:
    """Return the comment at the end of the statement, else those on the lines above it."""
    for line in range(statement.end_lineno or statement.lineno, statement.lineno - 1, -1):
        if line in comments:
            return comments[line][0]
    above: list[str] = []
    line = statement.lineno - 1
    while line in comments and comments[line][1]:
        above.insert(0, comments[line][0])
        line -= 1
    return " ".join(above)


def _comments(source: str) -> dict[int, tuple[str, bool]]:
    """Return the comment of each line, and whether it is alone on the line."""
    comments: dict[int, tuple[str, bool]] = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            comment = _FOR_TOOLS.sub("", token.string.lstrip("# ")).strip(" #")
            if comment:
                comments[token.start[0]] = (comment, not token.line[: token.start[1]].strip())
    return comments
