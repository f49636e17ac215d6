"""Fields that Copilot does not know."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

import yaml

from ops.check.files.reading import read_text
from ops.check.finding import Hit, Severity
from ops.check.manifest.decoding import misfits
from ops.check.manifest.grammar import Fields, Grammar, Items, grammars, walk
from ops.check.registry import rule
from ops.check.subject.model import Source, Subject
from ops.check.subject.plain import Location
from ops.copilot.workspace.problems import did_you_mean

_OVERVIEW = "https://aws.github.io/copilot-cli/docs/manifest/overview/"

# An anchor: after a key, a dash or a bracket. An alias: the same.
_ANCHOR = re.compile(r"[:\-?\[{,]\s+&([\w.-]+)")
_ALIAS = re.compile(r"[:\-?\[{,]\s*\*([\w.-]+)")

# How alike two names are that differ by a slip; `spot_from` and `spot` are less so.
_MISSPELT = 0.8


@rule(Severity.WARNING, _OVERVIEW)
def unknown_field(subject: Subject) -> Iterator[Hit]:
    """A manifest has a field that Copilot does not know at that place.

    Why: Copilot ignores it. It is an error where Copilot refuses the section, which has no other
    field.

    Fix: Correct the name, move it to its section, or remove it. Begin your own names with `x-`.
    """
    for source, fields in grammars(subject):
        holders = _holders(subject, source, fields)
        refused = {
            misfit.at
            for misfit in misfits(source.document.root, fields)
            if misfit.has_unknown_fields and misfit.is_refused
        }
        for at, node, known in walk(source.document.root, fields):
            if not isinstance(node, yaml.MappingNode) or not isinstance(known, Fields):
                continue
            for key, _ in node.value:
                name = str(key.value)
                if known.below(name) is not None or name.startswith("x-"):
                    continue
                if not at and name in holders:
                    continue
                place = f"in `{_dotted(at)}`" if at else "at the top of a manifest"
                message = f"`{name}` is not a field {place}{_hint(name, at, fields)}"
                severity = Severity.ERROR if at in refused else None
                yield Hit(source.path, key.start_mark.line + 1, message, severity=severity)


def _holders(subject: Subject, source: Source, fields: Fields) -> set[str]:
    """Return the unknown top-level names of a file that are there for anchors.

    A name with `.` or `_` in front needs an anchor. Any other name needs an anchor that the rest of
    the file uses, and must not look like a misspelt known name. Parsed YAML has forgotten its
    anchors, so the lines are read again.
    """
    pairs = source.document.root.value
    unknown = [(key, value) for key, value in pairs if key.value not in fields.fields]
    lines = (read_text(subject.root / source.path) or "").split("\n") if unknown else []
    holders = set[str]()
    for key, value in unknown:
        begin, end = key.start_mark.line, value.end_mark.line + (value.end_mark.column > 0)
        anchors = set(_ANCHOR.findall("\n".join(lines[begin:end])))
        elsewhere = set(_ALIAS.findall("\n".join([*lines[:begin], *lines[end:]])))
        is_slip = get_close_matches(str(key.value), fields.fields, n=1, cutoff=_MISSPELT)
        is_hidden = str(key.value).startswith((".", "_"))
        if anchors and (is_hidden or (anchors & elsewhere and not is_slip)):
            holders.add(str(key.value))
    return holders


def _hint(name: str, at: Location, fields: Fields) -> str:
    """Return the field that was probably meant, or its right place; empty if neither is clear."""
    here = tuple(step for step in at if isinstance(step, str))
    if here[:1] == ("environments",):
        here = here[2:]
    known = _at(fields, here)
    same_level = sorted(known.fields.keys() - {name}) if known else []
    if near := get_close_matches(name, same_level, n=1, cutoff=_MISSPELT):
        return f"; did you mean `{near[0]}`?"
    places = [_filled(place, here) for place in _places(name, fields, here)]
    if places := [place for place in places if place != here]:
        nearest = max(places, key=lambda place: (_shared(place, here), -len(place)))
        return f"; it exists in `{'.'.join(nearest)}`" if nearest else "; it exists at the top"
    meant = did_you_mean(name, same_level)
    return f"; {meant}" if meant.startswith("did") or len(same_level) < 9 else ""


def _at(fields: Fields, steps: tuple[str, ...]) -> Fields | None:
    """Return the mapping at the end of a path of steps."""
    here: Fields | None = fields
    for step in steps:
        here = _mapping(here.below(step)) if here is not None else None
    return here


def _mapping(grammar: Grammar | None) -> Fields | None:
    """Return the grammar of a place that is a mapping or a list of mappings."""
    while isinstance(grammar, Items):
        grammar = grammar.item
    return grammar if isinstance(grammar, Fields) else None


def _places(
    name: str, grammar: Grammar | None, here: tuple[str, ...], at: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Yield where a field of this name may stand: of sidecars and logging only from within them."""
    fields = _mapping(grammar)
    if fields is None:
        return
    named = [*fields.fields.items(), *([("*", fields.any_name)] if fields.any_name else [])]
    for key, below in named:
        if key == name:
            yield at
        elif key != "environments" and (key not in {"sidecars", "logging"} or key in here):
            yield from _places(name, below, here, (*at, key))


def _filled(place: tuple[str, ...], here: tuple[str, ...]) -> tuple[str, ...]:
    """Return a place with the names of `here` for its `*`."""
    same = [*here, *place[len(here) :]]
    return tuple(same[at] if step == "*" else step for at, step in enumerate(place))


def _shared(place: tuple[str, ...], here: tuple[str, ...]) -> int:
    """Return the number of steps that two places share at their start."""
    same = [one == other for one, other in zip(place, here, strict=False)]
    return same.index(False) if False in same else len(same)


def _dotted(at: Location) -> str:
    return ".".join(str(step) for step in at if isinstance(step, str)) or "a list"
