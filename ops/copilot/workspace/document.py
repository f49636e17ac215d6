"""YAML documents that keep the line of each value.

A document stays a tree of PyYAML nodes until it is validated: nodes carry their line, so that
an error found after merging and interpolation can still name it.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.resolver import Resolver

from ops.copilot.workspace.problems import Problem, WorkspaceError

_MAX_DEPTH = 40
_MAX_NODES = 50_000
_DEEPEST_IN_C = 2_000  # levels; a megabyte of the eight that a stack has
_OF_SOME_DIGITS = re.compile(r"[-+]?\d{1,300}(\.\d{0,300})?", re.ASCII)  # a float holds 308


class _Loader(Composer, CParser, SafeConstructor, Resolver):
    """A loader with YAML 1.2's scalars, like Copilot's parser: `on` is text and 22:00 is not a
    number.

    libyaml parses, which takes a fifth of the time. It may compose only `_Shallow` files: there it
    recurses in C, and a file of brackets would crash the process.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's, given anew

    def __init__(self, stream: bytes | str) -> None:
        CParser.__init__(self, stream)
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002  # PyYAML's
        """Convert PyYAML's own errors for a tag that does not fit its text."""
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, LookupError, AttributeError) as error:
            kind = str(node.tag).rpartition(":")[2]
            message = f"`{str(node.value)[:40]}` is not a valid {kind}"
            raise ConstructorError(problem=message, problem_mark=node.start_mark) from error


class _Shallow(_Loader):
    """A loader in which libyaml also composes, which takes a third of the time."""

    check_node = CParser.check_node
    get_node = CParser.get_node


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first)
    )


@dataclass(frozen=True)
class Document:
    """A YAML file: its path as shown to users, and the tree of its first document.

    `unread` is the line where a second document has content.
    """

    path: Path
    root: yaml.MappingNode
    unread: int | None = None

    @property
    def data(self) -> dict[str, Any]:
        """Return the document as plain dicts, lists and scalars."""
        data: dict[str, Any] = self.value()
        return data

    def value(self, *keys: str) -> Any:  # noqa: ANN401  # whatever YAML holds
        """Return the value at a path of keys as plain data, or None."""
        node = self.child(*keys)
        try:
            return None if node is None else _Loader("").construct_object(node, deep=True)
        except yaml.YAMLError as error:
            raise _syntax_error(self.path, error) from error
        except ValueError as error:
            raise WorkspaceError([Problem(self.path, 1, "", str(error))]) from error

    def without(self, *keys: str) -> "Document":
        """Return the same document without some of its top-level keys."""
        pairs = [pair for pair in self.root.value if pair[0].value not in keys]
        return Document(self.path, _like(self.root, pairs))

    def child(self, *keys: str) -> yaml.Node | None:
        """Return the node at a path of keys, or None."""
        node: yaml.Node | None = self.root
        for key in keys:
            node = _entry(node, key) if isinstance(node, yaml.MappingNode) else None
        return node

    def boundless(self) -> Iterator[Problem]:
        """Yield the numbers that a float cannot hold: infinite, too large, or NaN."""
        waiting: list[tuple[tuple[str, ...], yaml.Node]] = [((), self.root)]
        while waiting:
            location, node = waiting.pop()
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    below = (*location, str(key.value))
                    waiting += [(below, key), (below, value)]
            elif isinstance(node, yaml.SequenceNode):
                waiting += [(location, item) for item in node.value]
            elif isinstance(node, yaml.ScalarNode) and not _is_finite(node):
                message = (
                    f"is a number out of range, `{node.value[:20]}…`; put it in quotes if "
                    "it is text"
                )
                yield Problem(self.path, node.start_mark.line + 1, ".".join(location), message)

    def problem(self, location: Sequence[int | str], message: str) -> Problem:
        """Return a problem at a location such as ("alarms", "define", 0), with the nearest line."""
        node: yaml.Node = self.root
        line = node.start_mark.line
        for step in location:
            entry = _step(node, step)
            if entry is None:
                continue  # a step of the validator's own, such as the branch of a union
            key, node = entry
            line = key.start_mark.line
        return Problem(self.path, line + 1, ".".join(map(str, location)), message)


def read_document(path: Path, shown_as: Path) -> Document:
    """Parse the YAML mapping at `path`. Raise WorkspaceError as `parse_document` does."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WorkspaceError([Problem(shown_as, 1, "", f"cannot be read: {error}")]) from error
    return parse_document(content, shown_as)


def parse_document(content: bytes, shown_as: Path) -> Document:
    """Parse a YAML mapping: the first document of the file, the one that Copilot reads.

    Raise WorkspaceError if it is not YAML, not a mapping, or repeats a key.
    """
    try:
        loader = _loader_of(content)
        root = _next(loader)
        second = _next(loader)
    except yaml.YAMLError as error:
        raise _syntax_error(shown_as, error) from error
    except RecursionError as error:
        raise WorkspaceError([Problem(shown_as, 1, "", "is nested too deeply")]) from error
    unread = second.start_mark.line + 1 if second is not None else None
    if root is None:
        return Document(shown_as, empty_document(shown_as).root, unread)
    if not isinstance(root, yaml.MappingNode):
        message = "must be a mapping of fields to values, such as `alarms: …`"
        raise WorkspaceError([Problem(shown_as, root.start_mark.line + 1, "", message)])
    problems = list(_shape_problems(root, shown_as))
    if problems:
        raise WorkspaceError(problems)
    _flatten(root)
    return Document(shown_as, root, unread)


def _loader_of(content: bytes) -> _Loader:
    """Choose a loader by the maximum depth: a level for each bracket, and two for each column."""
    longest = max(map(len, content.splitlines()), default=0)
    deepest = content.count(b"[") + content.count(b"{") + 2 * longest
    return (_Shallow if deepest < _DEEPEST_IN_C else _Loader)(content)


def _next(loader: _Loader) -> yaml.Node | None:
    """Return the next document of a file, if it is not empty."""
    node: yaml.Node | None = loader.get_node() if loader.check_node() else None
    return None if isinstance(node, yaml.ScalarNode) and not node.value else node


def _shape_problems(root: yaml.Node, path: Path) -> Iterator[Problem]:
    """Yield duplicate keys, keys that are not text, and trees that are too deep."""
    waiting: list[tuple[yaml.Node, int]] = [(root, 0)]
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        line = node.start_mark.line + 1
        if depth > _MAX_DEPTH or seen > _MAX_NODES:
            yield Problem(path, line, "", "is nested too deeply, or an alias repeats too much")
            return
        if isinstance(node, yaml.SequenceNode):
            waiting.extend((item, depth + 1) for item in node.value)
        elif isinstance(node, yaml.MappingNode):
            yield from _key_problems(node, path)
            waiting.extend((value, depth + 1) for _, value in node.value)


def _key_problems(mapping: yaml.MappingNode, path: Path) -> Iterator[Problem]:
    first_line: dict[str, int] = {}
    for key, _ in mapping.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            yield Problem(path, line, "", "a field name must be text")
        elif key.value in first_line:
            message = f"`{key.value}` is a duplicate; it is already on line {first_line[key.value]}"
            yield Problem(path, line, "", message)
        else:
            first_line[key.value] = line


def _flatten(root: yaml.Node) -> None:
    """Resolve `<<: *anchor`, so that merging and locating see one kind of mapping."""
    waiting, done = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in done:
            continue
        done.add(id(node))
        if isinstance(node, yaml.MappingNode):
            if any(key.tag.endswith(":merge") for key, _ in node.value):
                _Loader("").flatten_mapping(node)
                latest = {key.value: (key, value) for key, value in node.value}
                node.value = list(latest.values())
            waiting.extend(value for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)


def _syntax_error(path: Path, error: yaml.YAMLError) -> WorkspaceError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    line = mark.line + 1 if mark else 1
    return WorkspaceError([Problem(path, line, "", f"this is not valid YAML: {reason}")])


def _step(node: yaml.Node, step: int | str) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the (key, value) of a step in a location; an item of a list is its own key."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _entry(mapping: yaml.MappingNode, key: str) -> yaml.Node | None:
    entry = _step(mapping, key)
    return entry[1] if entry else None


def _is_finite(number: yaml.ScalarNode) -> bool:
    """Return whether a float can hold the number; True for other values."""
    if not number.tag.endswith((":int", ":float")) or _OF_SOME_DIGITS.fullmatch(number.value):
        return True
    try:
        return math.isfinite(_Loader("").construct_object(number))
    except OverflowError:  # an int
        return False
    except yaml.YAMLError:  # not a number; reported elsewhere
        return True


def _like(node: yaml.MappingNode, pairs: list[tuple[yaml.Node, yaml.Node]]) -> yaml.MappingNode:
    return yaml.MappingNode(node.tag, pairs, node.start_mark, node.end_mark, node.flow_style)


def empty_document(path: Path) -> Document:
    """Return a document without content."""
    start = yaml.Mark("", 0, 0, 0, None, 0)
    return Document(path, yaml.MappingNode("tag:yaml.org,2002:map", [], start, start))


def plain_scalar(text: str, like: yaml.ScalarNode) -> yaml.ScalarNode:
    """Return an unquoted scalar of this text: a number, boolean, null or text by its form."""
    resolve: Callable[..., str] = _Loader("").resolve
    tag = resolve(yaml.ScalarNode, text, (True, False))
    return yaml.ScalarNode(tag, text, like.start_mark, like.end_mark)
