"""Docstrings and messages are plain English: no riddles as openers, no words with two meanings.

A docstring of a function begins with a verb, one of a class or module with a noun. The docstring of
a rule of `ops check` is its section of the reference: it describes the problem.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from tests.test_house_rules import ROOT, _tracked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A docstring that begins like this makes the reader search for its subject.
OPENERS = re.compile(
    r"(Whether|Those|That|What|How|Of|Which|Whose|Whom|Have|Let|It|Its|They|The same|Raises)\b"
)
# A function's docstring begins with a verb.
NOUNS = re.compile(r"(The|An?|One|All|Each|Every|Two|No|By|As|With|Where|When|From|Up to|Not)\b")
# Words of riddles, and what to write instead. `goes`: of a thing that is deleted.
WORDS = {
    r"mends?|mended|mending": "fix",
    r"by hand": "manually",
    r"(?:(?<!there )is|(?<!there )are) none": "is not a …, does not exist",
    r"comes? to the same": "are equal",
    r"tells? of|told of": "report",
    r"nobody to ask|nobody can say": "say what is missing",
    r"takes? (?:it|them) in": "remove, accept",
    r"whom": "(two sentences)",
    r"by itself|by themselves": "automatically",
    r"under way": "in progress",
}
# Names that hide what a variable, an argument, a function or a module holds.
VAGUE = frozenset({"told", "said", "found", "each", "wanted", "made", "which", "asked"})
OF_ASYNCIO = frozenset({"connection_made"})
BANNED = {re.compile(rf"\b(?:{words})\b"): use for words, use in WORDS.items()}


def _paths() -> list[Path]:
    return _tracked("ops/*.py", "src/amply/*.py")


def _riddles(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each docstring with a bad beginning."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, *functions)):
            text = ast.get_docstring(node) or ""
            is_function = isinstance(node, functions) and not _is_rule(node)
            if OPENERS.match(text) or (is_function and NOUNS.match(text)):
                yield getattr(node, "lineno", 1), text


def _is_rule(node: ast.AST) -> bool:
    """Return whether a function is a rule of `ops check`, by its decorator."""
    decorators = getattr(node, "decorator_list", [])
    return any("rule(" in ast.unparse(decorator) for decorator in decorators)


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every text of at least three words: docstrings, messages, help."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if len(text.split()) > 2:
                yield node.lineno, text


def _vague_names(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line of each vague name of the module, and of a function or variable in it.

    Fields of classes are not checked: JSON has some of them.
    """
    tree = ast.parse(path.read_text())
    fields = {
        field.target
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for field in node.body
        if isinstance(field, ast.AnnAssign)
    }
    names = [(1, path.stem)]
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.arg(arg=name):
                names.append((node.lineno, name))
            case ast.Name(id=name, ctx=ast.Store()) if node not in fields:
                names.append((node.lineno, name))
    for line, name in names:
        if VAGUE & set(name.split("_")) and name not in OF_ASYNCIO:
            yield line, name


def _where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_docstrings_begin_with_their_subject_or_verb() -> None:
    riddles = [
        f"{_where(path, line)}: {text.splitlines()[0]}"
        for path in _paths()
        for line, text in _riddles(ast.parse(path.read_text()))
    ]
    assert not riddles


def test_texts_use_no_banned_word() -> None:
    banned = [
        f"{_where(path, line)}: {found.group()!r}, write: {use}"
        for path in _paths()
        for line, text in _texts(ast.parse(path.read_text()))
        for word, use in BANNED.items()
        if (found := word.search(text))
    ]
    assert not banned


def test_names_say_what_a_thing_is() -> None:
    vague = [
        f"{_where(path, line)}: {name}" for path in _paths() for line, name in _vague_names(path)
    ]
    assert not vague
