"""The fields of `ops.yml`, generated from its schemas: `python -m ops.reference.fields`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ops.base.fields import DURATION
from ops.reference.schema import FILES, schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.reference.schema import Schema

_HEAD = """# Fields of `ops.yml`

Made from the code by `make docs`. A duration is written as in a manifest: `90s`, `5m`, `1h30m`.
`${NAME}` in a value is filled in from the environment. Under `environments: <name>:` stands what is
different in an environment; there, nothing is required. A field without a type takes text.
Editors read the same from [ops-application.json](../schema/ops-application.json) and
[ops-service.json](../schema/ops-service.json).
"""
_WORDS = {
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "string": "text",
    "object": "mapping",
}
_MOST_VALUES = 6  # of a longer list the JSON Schema has all
_LIMITS = (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"))


@dataclass(frozen=True)
class Row:
    """One field: its path in its section, its values, and its meaning."""

    path: str
    takes: str
    default: str
    meaning: str


def reference() -> str:
    """Return the page in Markdown."""
    lines = [_HEAD]
    for file, path in FILES.items():
        lines.append(f"## `{path}`\n")
        described = schema(file)
        for name, section in described["properties"].items():
            if name != "environments":
                lines += _section(name, section, described["$defs"])
    return "\n".join(lines).rstrip() + "\n"


def _section(name: str, section: Schema, definitions: Mapping[str, Schema]) -> Iterator[str]:
    described = [
        _resolved(alternative, definitions) for alternative in _alternatives(section, definitions)
    ]
    yield f"### `{name}`\n"
    yield from (f"{schema['description']}\n" for schema in described if "description" in schema)
    rows = list(rows_of(section, definitions))
    if not rows:
        return
    yield from _merged(rows)
    yield ""


def _merged(rows: list[Row]) -> Iterator[str]:
    """Yield a line for each row. Fields that share parent or name and are alike share a line."""
    groups: list[list[Row]] = []
    for row in rows:
        group = next((group for group in groups if _alike(group[0], row)), None)
        if group is None:
            groups.append([row])
        else:
            group.append(row)
    for group in groups:
        names = ", ".join(f"`{row.path}`" for row in group)
        yield f"- {names}{_value(group[0])}{_sentence(group[0].meaning)}"


def _alike(one: Row, other: Row) -> bool:
    is_same = (one.takes, one.default, one.meaning) == (other.takes, other.default, other.meaning)
    parents = [row.path.rpartition(".") for row in (one, other)]
    return is_same and (parents[0][0] == parents[1][0] or parents[0][2] == parents[1][2])


def _value(row: Row) -> str:
    is_named = row.default in ("", "required")
    default = row.default if is_named else f"default {row.default}"
    pieces = [row.takes if row.takes != "text" else "", default]
    value = (", " if is_named else "; ").join(filter(None, pieces))
    return f" ({value})" if value else ""


def _sentence(meaning: str) -> str:
    text = " ".join(meaning.split()).rstrip(".")
    return f": {text[0].upper()}{text[1:]}." if text else ""


def rows_of(
    node: Schema, definitions: Mapping[str, Schema], path: str = "", above: tuple[str, ...] = ()
) -> Iterator[Row]:
    """Yield a row for each field below a node, at any depth.

    A recursive definition is listed once.
    """
    seen: set[str] = set()
    for alternative in _alternatives(node, definitions):
        if alternative.get("$ref") in above:
            continue
        known = (*above, alternative["$ref"]) if "$ref" in alternative else above
        held = _resolved(alternative, definitions)
        required = held.get("required", ())
        for name, field in held.get("properties", {}).items():
            below = f"{path}.{name}" if path else name
            if below not in seen:
                yield _row(below, field, definitions, required=name in required)
                yield from rows_of(field, definitions, below, known)
            seen.add(below)
        for inner in _items(held):
            step = "[]" if "items" in held else ".<name>"
            yield from rows_of(inner, definitions, f"{path}{step}".lstrip("."), known)


def _row(path: str, field: Schema, definitions: Mapping[str, Schema], *, required: bool) -> Row:
    default = "required" if required else ""
    if "default" in field and field["default"] not in ({}, []):
        default = f"`{json.dumps(field['default'], ensure_ascii=False)}`".replace('"', "")
    meaning = field.get("description") or _own_meaning(field, definitions)
    return Row(path, takes(field, definitions), default, meaning)


def _own_meaning(field: Schema, definitions: Mapping[str, Schema]) -> str:
    """Return the first paragraph of the docstring of the field's model."""
    for alternative in _alternatives(field, definitions):
        held = _resolved(alternative, definitions)
        for one in (held, *(_resolved(inner, definitions) for inner in _items(held))):
            if "description" in one:
                return str(one["description"]).partition("\n\n")[0]
    return ""


def takes(node: Schema, definitions: Mapping[str, Schema]) -> str:
    """Describe the values that a node allows."""
    words = [_word(alternative, definitions) for alternative in _alternatives(node, definitions)]
    return " or ".join(dict.fromkeys(words))


def _word(node: Schema, definitions: Mapping[str, Schema]) -> str:
    node = _resolved(node, definitions)
    if "enum" in node or "const" in node:
        values = node["enum"] if "enum" in node else [node["const"]]
        words = [f"`{json.dumps(value)}`".replace('"', "") for value in values]
        return ", ".join(words if len(words) <= _MOST_VALUES else [*words[:3], "…"])
    if node.get("pattern") == DURATION:
        return "duration"
    if node.get("format") == "date":
        return "date"
    kind = node.get("type", "object")
    if isinstance(kind, list):
        return "text"
    if kind == "array":
        return f"list of {takes(node.get('items', {}), definitions)}"
    limits = [f"{sign} {node[limit]:g}" for limit, sign in _LIMITS if limit in node]
    return " ".join([_WORDS[kind], *limits])


def _alternatives(node: Schema, definitions: Mapping[str, Schema]) -> list[Schema]:
    """Return the alternatives of a node, with references, but without null and variables."""
    variable = {"$ref": "#/$defs/Variable"}
    alternatives: list[Schema] = []
    for member in node.get("anyOf", [node]):
        if member != variable and member.get("type") != "null":
            nested = _resolved(member, definitions)
            alternatives += _alternatives(nested, definitions) if "anyOf" in nested else [member]
    return alternatives


def _resolved(node: Schema, definitions: Mapping[str, Schema]) -> Schema:
    if "$ref" not in node:
        return node
    definition: dict[str, Any] = definitions[node["$ref"].rpartition("/")[2]]
    return definition


def _items(node: Schema) -> Iterator[Schema]:
    """Return the node of the items of a list or a mapping."""
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield node[key]
    yield from node.get("patternProperties", {}).values()


if __name__ == "__main__":
    click.echo(reference(), nl=False)
