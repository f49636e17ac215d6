"""The grammar of Copilot's manifests, read from `manifest_fields.yml`. Pure data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ops.check.subject.model import Source, Subject
from ops.check.subject.plain import Location

_TABLE = Path(__file__).parent / "manifest_fields.yml"


@dataclass(frozen=True)
class Anything:
    """A place where any value is allowed."""


@dataclass(frozen=True)
class Word:
    """A scalar, by the word that `ops/check/manifest/values.py` explains."""

    name: str


@dataclass(frozen=True)
class Items:
    """A list. `instead` is what Copilot tries where it reads no item."""

    item: "Grammar"
    instead: "Grammar | None" = None


@dataclass(frozen=True)
class Fields:
    """A mapping. `instead` is the grammar of a value that may replace it.

    Copilot tries the mapping first and skips the fields that it cannot read. With
    `is_instead_first` it tries `instead` first, and refuses such fields of the mapping. `is_entry`
    marks a mapping in a list, or under a name that the user chooses.
    """

    fields: "Mapping[str, Grammar]"
    required: frozenset[str] = frozenset()
    any_name: "Grammar | None" = None
    instead: "Grammar | None" = None
    is_instead_first: bool = False
    is_entry: bool = False

    def below(self, name: str) -> "Grammar | None":
        """Return the grammar of a field, or None for a field that Copilot does not know."""
        return self.fields.get(name, self.any_name)


Grammar = Anything | Word | Items | Fields


@dataclass(frozen=True)
class Table:
    """The grammar of each type of manifest."""

    types: Mapping[str, Fields]
    environment: Fields
    pipeline: Fields
    with_overrides: Mapping[str, Fields] = field(default_factory=dict)


@cache
def table() -> Table:
    """Return the grammar of every manifest."""
    read: dict[str, Any] = yaml.safe_load(_TABLE.read_text())
    types = {name: _fields(fields, is_entry=False) for name, fields in read["types"].items()}
    return Table(
        types,
        _fields(read["environment"], is_entry=False),
        _fields(read["pipeline"], is_entry=False),
        {name: _with_overrides(fields) for name, fields in types.items()},
    )


def grammars(subject: Subject) -> Iterator[tuple[Source, Fields]]:
    """Yield each file with its grammar, a manifest with its `environments`."""
    for manifest in subject.manifests:
        fields = table().with_overrides.get(manifest.type)
        if fields is not None:
            yield manifest, fields
    for environment in subject.environments:
        yield environment, table().environment
    for pipeline in subject.pipelines:
        yield pipeline, table().pipeline


def merged(subject: Subject) -> Iterator[tuple[Source, Fields]]:
    """Yield each file with its grammar, a manifest as it is in each environment."""
    for variant in subject.variants():
        if variant.type in table().types:
            yield variant, table().types[variant.type]
    yield from ((environment, table().environment) for environment in subject.environments)
    yield from ((pipeline, table().pipeline) for pipeline in subject.pipelines)


def walk(
    node: yaml.Node, grammar: Grammar, at: Location = ()
) -> Iterator[tuple[Location, yaml.Node, Grammar]]:
    """Yield every node of a file that has a grammar, with its location."""
    yield at, node, grammar
    if isinstance(node, yaml.SequenceNode):
        items = grammar.instead if isinstance(grammar, Fields) else grammar
        if isinstance(items, Items):
            for index, value in enumerate(node.value):
                yield from walk(value, items.item, (*at, index))
    elif isinstance(node, yaml.MappingNode) and isinstance(grammar, Fields):
        for key, value in node.value:
            below = grammar.below(str(key.value))
            if below is not None:
                yield from walk(value, below, (*at, str(key.value)))


def _with_overrides(fields: Fields) -> Fields:
    """Return the grammar of a whole manifest. An environment may override all but two fields."""
    override = {
        name: grammar for name, grammar in fields.fields.items() if name not in {"name", "type"}
    }
    environments = Fields({}, any_name=Fields(override, is_entry=True))
    return Fields({**fields.fields, "environments": environments})


def _parse(written: Any, *, is_entry: bool = False) -> Grammar:  # noqa: ANN401  # YAML
    if written is None:
        return Anything()
    if isinstance(written, str):
        return Word(written)
    if isinstance(written, list):
        item, *instead = written
        return Items(_parse(item, is_entry=True), *map(_parse, instead))
    return _fields(written, is_entry=is_entry)


def _fields(written: dict[str, Any], *, is_entry: bool) -> Fields:
    own = {name: value for name, value in written.items() if name not in {"*", "=", "|"}}
    return Fields(
        fields={name.removesuffix("!"): _parse(value) for name, value in own.items()},
        required=frozenset(name[:-1] for name in own if name.endswith("!")),
        any_name=_parse(written["*"], is_entry=True) if "*" in written else None,
        instead=_parse(written.get("=", written.get("|"))) if {"=", "|"} & written.keys() else None,
        is_instead_first="|" in written,
        is_entry=is_entry,
    )
