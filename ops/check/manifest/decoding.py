"""Reading a manifest as Copilot's Go structs do: the values that it refuses, and those that it
ignores.

gopkg.in/yaml.v3 collects a wrong type and goes on. Copilot's own UnmarshalYAML methods, for fields
of two forms, drop the collected errors if one form can be read.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import yaml

from ops.check.manifest.grammar import Anything, Fields, Grammar, Items, Word
from ops.check.manifest.values import KINDS, is_read, number_of
from ops.check.subject.plain import Location

_TEXT = "tag:yaml.org,2002:str"
_STANDARD = "tag:yaml.org,2002:"


class _Fate(Enum):
    COLLECTED = "refused, unless a field around it forgets it"
    FINAL = "refused"
    FORGOTTEN = "passed over"


@dataclass(frozen=True)
class Misfit:
    """A value that Copilot cannot read.

    `expected` describes a readable one.
    """

    at: Location
    node: yaml.Node
    expected: str
    fate: _Fate = _Fate.COLLECTED
    has_unknown_fields: bool = False

    @property
    def is_refused(self) -> bool:
        """Return whether Copilot refuses the manifest."""
        return self.fate is not _Fate.FORGOTTEN


@dataclass(frozen=True)
class _Read:
    """The result of reading a node. `says` is false if the struct stays empty."""

    says: bool
    misfits: tuple[Misfit, ...] = ()

    def forgiven(self) -> "_Read":
        """Return the misfits that remain after a field of two forms has accepted the value."""
        fates = {_Fate.COLLECTED: _Fate.FORGOTTEN}
        left = [
            replace(misfit, fate=fates.get(misfit.fate, misfit.fate)) for misfit in self.misfits
        ]
        return _Read(self.says, tuple(left))

    @property
    def is_taken(self) -> bool:
        """Return whether Copilot accepts the value, perhaps without a part of it."""
        return all(misfit.fate is _Fate.FORGOTTEN for misfit in self.misfits)

    @property
    def is_final(self) -> bool:
        return any(misfit.fate is _Fate.FINAL for misfit in self.misfits)


def misfits(root: yaml.Node, grammar: Grammar) -> Iterator[Misfit]:
    """Yield every value of a file that Copilot cannot read."""
    yield from _decode(root, grammar, (), in_flow=False).misfits


def describe(grammar: Grammar) -> str:
    """Describe the values that a place allows."""
    match grammar:
        case Word(name):
            return KINDS[name].expected if KINDS[name].type != "texts" else "text or a list"
        case Items(_, instead):
            return "a list" if instead is None else f"a list, or {describe(instead)}"
        case Fields() if grammar.instead is not None:
            return f"{describe(grammar.instead)}, or a mapping with any of its fields"
        case Fields() if not grammar.fields:
            return "names with values"
        case _:
            return "a mapping"


def _decode(node: yaml.Node, grammar: Grammar, at: Location, *, in_flow: bool) -> _Read:
    node = _interpolated(node, in_flow=in_flow)
    is_null = node.tag == f"{_STANDARD}null"
    if is_null or isinstance(grammar, Anything) or not str(node.tag).startswith(_STANDARD):
        return _Read(says=not is_null)  # a tag such as !Ref is CloudFormation's
    match grammar:
        case Word():
            return _word(node, grammar, at)
        case Items():
            return _items(node, grammar, at)
        case Fields(instead=None):
            return _fields(node, grammar, at)
        case Fields(is_instead_first=True):
            return _instead_first(node, grammar, at)
        case Fields():
            return _fields_first(node, grammar, at)


def _interpolated(node: yaml.Node, *, in_flow: bool) -> yaml.Node:
    """Return a node as Copilot's interpolation writes it anew.

    Text that is a JSON list of texts becomes a list, and nothing at all in `{}` or `[]` becomes an
    empty text: aws/copilot-cli, internal/pkg/manifest/interpolate.go.
    """
    if not isinstance(node, yaml.ScalarNode):
        return node
    if in_flow and not node.value and node.tag == f"{_STANDARD}null":
        return yaml.ScalarNode(_TEXT, "", node.start_mark, node.end_mark, "'")
    if node.tag != _TEXT or not node.value.lstrip().startswith("[") or node.style == "|":
        return node
    try:
        read = json.loads(node.value)
    except (ValueError, RecursionError):
        return node
    if not isinstance(read, list) or not read or not all(isinstance(item, str) for item in read):
        return node
    items = [yaml.ScalarNode(_TEXT, item, node.start_mark, node.end_mark) for item in read]
    return yaml.SequenceNode(f"{_STANDARD}seq", items, node.start_mark, node.end_mark)


def _misfit(
    node: yaml.Node, grammar: Grammar, at: Location, fate: _Fate = _Fate.COLLECTED
) -> _Read:
    unknown = (
        isinstance(grammar, Fields)
        and isinstance(node, yaml.MappingNode)
        and bool(node.value)
        and all(grammar.below(str(key.value)) is None for key, _ in node.value)
    )
    return _Read(says=False, misfits=(Misfit(at, node, describe(grammar), fate, unknown),))


def _word(node: yaml.Node, word: Word, at: Location) -> _Read:
    kind = KINDS[word.name]
    fate = _Fate.FINAL if word.name == "command" else _Fate.COLLECTED
    if isinstance(node, yaml.SequenceNode) and kind.type == "texts":
        wrong = [
            Misfit((*at, index), item, "text", _Fate.FORGOTTEN)
            for index, item in enumerate(node.value)
            if not isinstance(item, yaml.ScalarNode)
        ]
        return _Read(says=True, misfits=tuple(wrong))
    if not isinstance(node, yaml.ScalarNode):
        return replace(_misfit(node, word, at, fate), says=True)  # a pointer to nothing is left
    if not is_read(node, kind.type):
        return _Read(says=True, misfits=(Misfit(at, node, _typed(node, kind.type)),))
    value = number_of(node) if kind.type in {"int", "uint16", "uint32"} else None
    if isinstance(value, float) and value % 1:
        expected = f"a whole number; Copilot reads {int(value)}"
        return _Read(says=True, misfits=(Misfit(at, node, expected, _Fate.FORGOTTEN),))
    return _Read(says=bool(node.value) or word.name != "filled")


def _typed(node: yaml.ScalarNode, kind: str) -> str:
    expected = KINDS[kind].expected
    return f"{expected}; Copilot reads a variable as text" if "${" in node.value else expected


def _items(node: yaml.Node, items: Items, at: Location) -> _Read:
    if isinstance(node, yaml.SequenceNode):
        flow = bool(node.flow_style)
        read = [
            _decode(item, items.item, (*at, index), in_flow=flow)
            for index, item in enumerate(node.value)
        ]
        whole = _Read(bool(read), tuple(misfit for one in read for misfit in one.misfits))
        if items.instead is None:
            return whole
        if whole.is_final or any(isinstance(item, yaml.MappingNode) for item in node.value):
            return whole.forgiven()
    if items.instead is None:
        return _misfit(node, items, at)
    other = _decode(node, items.instead, at, in_flow=False)
    return other if other.is_taken else _misfit(node, items, at, _Fate.FINAL)


def _fields(node: yaml.Node, grammar: Fields, at: Location) -> _Read:
    if not isinstance(node, yaml.MappingNode):
        return _misfit(node, grammar, at)
    flow = bool(node.flow_style)
    read = [
        _entry(value, below, (*at, name), is_named=name in grammar.fields, in_flow=flow)
        for name, value in ((str(key.value), value) for key, value in node.value)
        if (below := grammar.below(name)) is not None
    ]
    says = any(child.says for child in read)
    return _Read(says, tuple(misfit for one in read for misfit in one.misfits))


def _entry(
    node: yaml.Node, grammar: Grammar, at: Location, *, is_named: bool, in_flow: bool
) -> _Read:
    """Read a value of a mapping. A Go map does not keep an entry that it cannot read, a struct does
    keep the field.
    """
    read = _decode(node, grammar, at, in_flow=in_flow)
    is_lost = not is_named and any(misfit.at == at for misfit in read.misfits)
    return replace(read, says=False) if is_lost else read


def _fields_first(node: yaml.Node, grammar: Fields, at: Location) -> _Read:
    """Read a field of two forms as a mapping first; a wrong type in the mapping is forgotten."""
    whole = _fields(node, replace(grammar, instead=None), at)
    if whole.is_final or whole.says:
        return whole.forgiven()
    assert grammar.instead is not None  # noqa: S101 - for mypy; `_decode` looked
    other = _decode(node, grammar.instead, at, in_flow=False)
    if other.is_taken:
        return other
    deeper = tuple(replace(misfit, fate=_Fate.FINAL) for misfit in other.misfits if misfit.at != at)
    return _Read(says=False, misfits=deeper) if deeper else _misfit(node, grammar, at, _Fate.FINAL)


def _instead_first(node: yaml.Node, grammar: Fields, at: Location) -> _Read:
    """Read Copilot's generic union: internal/pkg/manifest/union.go."""
    assert grammar.instead is not None  # noqa: S101 - for mypy; `_decode` looked
    other = _decode(node, grammar.instead, at, in_flow=False)
    if other.is_taken and (other.says or isinstance(node, yaml.SequenceNode)):
        return replace(other, says=True)
    whole = _fields(node, replace(grammar, instead=None), at)
    if whole.says and whole.is_taken:
        return whole
    deeper = tuple(replace(misfit, fate=_Fate.FINAL) for misfit in whole.misfits if misfit.at != at)
    return _Read(says=False, misfits=deeper) if deeper else _misfit(node, grammar, at, _Fate.FINAL)
