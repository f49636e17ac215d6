"""Fields that Copilot does not know, or cannot read: the whole grammar of its manifests."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ops.check.finding import Hit, Severity
from ops.check.plain import seconds
from ops.check.reading import read_text
from ops.check.registry import rule
from ops.check.subject import Source, Subject
from ops.copilot.workspace.plain import plain
from ops.copilot.workspace.problems import did_you_mean

_TABLE = Path(__file__).parent.parent / "manifest_fields.yml"
_OVERVIEW = "https://aws.github.io/copilot-cli/docs/manifest/overview/"

# What Go's YAML reads into a boolean beside true and false.
_BOOLEANS = {"y", "yes", "on", "n", "no", "off"}

# Its numbers beside plain ones: 1_000, 0x1f, 0o17, 0b1.
_GO_NUMBER = re.compile(r"[-+]?(0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+|[1-9][0-9_]*)")

# An anchor: after a key, a dash or a bracket.
_ANCHOR = re.compile(r"[:\-?\[{,]\s+&[\w.-]")

# How alike two names are that differ by a slip; `spot_from` and `spot` are less so.
_MISSPELT = 0.8

Location = tuple[int | str, ...]


@cache
def table() -> dict[str, Any]:
    """Every field of every manifest, as `manifest_fields.yml` has it."""
    read: dict[str, Any] = yaml.safe_load(_TABLE.read_text())
    return read


def grammars(subject: Subject) -> Iterator[tuple[Source, dict[str, Any]]]:
    """Each file with the fields that it may have."""
    for manifest in subject.manifests:
        fields = table()["types"].get(manifest.type)
        if fields is not None:
            override = {key: each for key, each in fields.items() if key not in {"name", "type"}}
            yield manifest, {**fields, "environments": {"*": override}}
    for environment in subject.environments:
        yield environment, table()["environment"]
    for pipeline in subject.pipelines:
        yield pipeline, table()["pipeline"]


def walk(node: yaml.Node, fields: object, at: Location = ()) -> Iterator[tuple[Location, Any, Any]]:
    """Every (location, node, what may stand there) of a file; None where anything may."""
    yield at, node, fields
    if not isinstance(fields, dict):
        return
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from walk(item, fields, (*at, index))
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value)
            if name in fields or "*" in fields:
                yield from walk(value, fields.get(name, fields.get("*")), (*at, name))


@rule(Severity.ERROR, _OVERVIEW)
def unknown_field(subject: Subject) -> Iterator[Hit]:
    """A manifest has a field that Copilot does not know at that place.

    Why: Copilot ignores it without a word, or refuses the manifest where nothing else stands there;
    what it says never happens.

    Mend: Correct the name, move it to where it belongs, or remove it. Left alone, for anchors, are
    names that begin with `x-`, and at the top those with `.` or `_` that hold an anchor.
    """
    for source, fields in grammars(subject):
        holders = _holders(subject, source)
        for at, node, known in walk(source.document.root, fields):
            if not isinstance(node, yaml.MappingNode) or not isinstance(known, dict):
                continue
            for key, _ in node.value:
                name = str(key.value)
                if name in known or "*" in known or name.startswith("x-"):
                    continue
                if not at and name in holders:
                    continue
                place = f"in `{_dotted(at)}`" if at else "at the top of a manifest"
                message = f"`{name}` is no field {place}{_hint(name, at, fields)}"
                yield Hit(source.path, key.start_mark.line + 1, message)


def _holders(subject: Subject, source: Source) -> set[str]:
    """The top-level names of a file that begin with `.` or `_` and are there for anchors below.

    Parsed YAML has forgotten its anchors, so the lines are read again.
    """
    pairs = source.document.root.value
    hidden = [(key, value) for key, value in pairs if str(key.value).startswith((".", "_"))]
    lines = (read_text(subject.root / source.path) or "").split("\n") if hidden else []
    holders = set[str]()
    for key, value in hidden:
        begin, end = key.start_mark, value.end_mark
        if _ANCHOR.search("\n".join(lines[begin.line : end.line + (end.column > 0)])):
            holders.add(str(key.value))
    return holders


@rule(Severity.ERROR, _OVERVIEW)
def wrong_type(subject: Subject) -> Iterator[Hit]:
    """A field that wants a number, true or false, a duration, or names with values has another.

    Why: Copilot refuses the manifest, or passes over the field.

    Mend: Write numbers without quotes and units, durations with a unit, such as `30s`, and names
    with values as `NAME: value`.
    """
    for source, fields in grammars(subject):
        for at, node, wanted in walk(source.document.root, fields):
            an_item = bool(at) and isinstance(at[-1], int)
            if not an_item and (expected := _expected(node, wanted)):
                written = f"`{node.value}`" if isinstance(node, yaml.ScalarNode) else f"a {node.id}"
                message = f"`{_dotted(at)}` must be {expected}, not {written}"
                yield Hit(source.path, node.start_mark.line + 1, message)


def _expected(node: yaml.Node, wanted: object) -> str:
    """What Copilot wants in place of a node that it cannot read; empty if it can."""
    value: object = node
    if isinstance(node, yaml.ScalarNode):
        value = None if "${" in node.value else _read(node)
    if value is None:
        return ""
    if not isinstance(wanted, dict):
        return _misread(wanted, value)
    if isinstance(node, yaml.MappingNode):
        return ""
    return "names with values" if wanted.keys() == {"*"} else _misread(wanted.get("="), value)


def _read(node: yaml.ScalarNode) -> object:
    """The value as Go's YAML reads it, which knows numbers that YAML 1.2 does not."""
    if not node.style and _GO_NUMBER.fullmatch(node.value):
        return 0
    return plain(node)


def _hint(name: str, at: Location, fields: dict[str, Any]) -> str:
    """Which field was meant, or where there is such a one; empty where neither can be said."""
    here = tuple(step for step in at if isinstance(step, str))
    if here[:1] == ("environments",):
        here = here[2:]
    known: Any = fields
    for step in here:
        known = known.get(step, known.get("*"))
    same_level = sorted(known.keys() - {name, "="})
    if near := get_close_matches(name, same_level, n=1, cutoff=_MISSPELT):
        return f"; did you mean `{near[0]}`?"
    places = [_filled(place, here) for place in _places(name, fields, here)]
    if places := [place for place in places if place != here]:
        nearest = max(places, key=lambda place: (_shared(place, here), -len(place)))
        return (
            f"; there is one in `{'.'.join(nearest)}`" if nearest else "; there is one at the top"
        )
    meant = did_you_mean(name, same_level)
    return f"; {meant}" if meant.startswith("did") or len(same_level) < 9 else ""


def _places(
    name: str, fields: object, here: tuple[str, ...], at: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Where a field of this name may stand: of sidecars and logging only from within them."""
    for key, below in fields.items() if isinstance(fields, dict) else ():
        if key == name:
            yield at
        elif key != "environments" and (key not in {"sidecars", "logging"} or key in here):
            yield from _places(name, below, here, (*at, key))


def _filled(place: tuple[str, ...], here: tuple[str, ...]) -> tuple[str, ...]:
    """A place with the names of `here` for its `*`."""
    same = [*here, *place[len(here) :]]
    return tuple(same[at] if step == "*" else step for at, step in enumerate(place))


def _shared(place: tuple[str, ...], here: tuple[str, ...]) -> int:
    """How many steps two places have in common."""
    same = [one == other for one, other in zip(place, here, strict=False)]
    return same.index(False) if False in same else len(same)


def _misread(wanted: object, value: object) -> str:
    """What Copilot wants in place of a value that it cannot read; empty if it can."""
    match wanted:
        case "int" if not _is_whole(value):
            return "a whole number"
        case "bool" if not (isinstance(value, bool) or str(value).lower() in _BOOLEANS):
            return "true or false"
        case "duration" if seconds(value) is None and value != "0":
            return "a duration such as 30s"
    return ""


def _is_whole(value: object) -> bool:
    """Whether it is a whole number; of 0.5 Copilot takes what is before the point."""
    return not isinstance(value, bool) and isinstance(value, int | float) and value % 1 == 0


def _dotted(at: Location) -> str:
    return ".".join(str(step) for step in at if isinstance(step, str)) or "a list"
