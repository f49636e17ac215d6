"""Changed fields as lines.

Pure.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import ndiff
from typing import TypeGuard

from ops.plan.model import FieldChange, Json

_WIDTH = 88  # characters of a value that still stands on the line of its field
_IN = "  "


def field_lines(
    fields: Sequence[FieldChange], *, is_new: bool, aligned: bool = True
) -> Iterator[str]:
    """Yield the lines of fields: values that fit stand on the line of their field.

    `aligned` puts them below each other; otherwise they follow a colon.
    """
    leaves = [leaf for field in fields for leaf in _leaves(field)]
    inline = {leaf.keys: text for leaf in leaves if (text := _inline(leaf, is_new=is_new))}
    width = max((len(leaf.path) for leaf in leaves if leaf.keys in inline), default=0)
    for leaf in leaves:
        if leaf.keys in inline:
            label = f"{leaf.path.ljust(width)} " if aligned else f"{leaf.path}:"
            yield f"{label} {inline[leaf.keys]}"
        else:
            yield leaf.path
            yield from (f"{_IN}{line}" for line in _block(leaf, is_new=is_new))


def shown(value: Json) -> str:
    """Return a value on one line: 80.0 as 80, AWS's {"Name": n, "Value": v} as n=v, else JSON."""
    match value:
        case None:
            return "(not set)"
        case str():
            return value
        case float() if value.is_integer():
            return str(int(value))
        case {"Name": name, "Value": setting, **rest} if not rest:
            return f"{name}={setting}"
        case [{"Name": _, "Value": _}, *_]:
            return ", ".join(map(shown, value))
        case _:
            return json.dumps(value, ensure_ascii=False)


def _leaves(field: FieldChange) -> Iterator[FieldChange]:
    """Split a field whose value is a mapping, or its JSON text, into its differing parts."""
    old, new = _decoded(field.old), _decoded(field.new)
    if not isinstance(new, Mapping) or not isinstance(old, Mapping | None):
        yield FieldChange(field.keys, old, new)
        return
    before = old or {}
    for key in sorted(before.keys() | new.keys()):
        if before.get(key) != new.get(key):
            yield from _leaves(FieldChange((*field.keys, key), before.get(key), new.get(key)))


def _decoded(value: Json) -> Json:
    """Return the object or list that a text in JSON holds; any other value as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            decoded: Json = json.loads(value)
        except ValueError:
            return value
        return decoded
    return value


def _inline(leaf: FieldChange, *, is_new: bool) -> str | None:
    """Return the change on one line; None where it needs several."""
    text = shown(leaf.new) if is_new else f"{shown(leaf.old)} → {shown(leaf.new)}"
    is_set = not is_new and (_is_list(leaf.old) or _is_list(leaf.new))
    if len(text) > _WIDTH or "\n" in text or (is_set and not _is_vector(leaf)):
        return None
    return text


def _is_list(value: Json) -> TypeGuard[Sequence[Json]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_vector(leaf: FieldChange) -> bool:
    """Return whether a value is a list of numbers in a fixed order, such as a position on a
    dashboard.
    """
    values = [value for value in (leaf.old, leaf.new) if _is_list(value)]
    return all(isinstance(item, int | float) for value in values for item in value)


def _block(leaf: FieldChange, *, is_new: bool) -> Iterator[str]:
    old, new = leaf.old, leaf.new
    if _is_list(new) and (old is None or _is_list(old)):
        yield from _members(old or (), new)
    elif isinstance(old, str) and isinstance(new, str):
        lines = ndiff(old.splitlines(), new.splitlines())
        yield from (line for line in lines if line.startswith(("+", "-")))
    else:
        if not is_new:
            yield from _signed("-", old)
        yield from _signed("+", new)


def _members(old: Sequence[Json], new: Sequence[Json]) -> Iterator[str]:
    """Yield what a list lost and gained, regardless of order."""
    removed = list(old)
    added = list[Json]()
    for item in new:
        if item in removed:
            removed.remove(item)
        else:
            added.append(item)
    for item in removed:
        yield from _signed("-", item)
    for item in added:
        yield from _signed("+", item)
    if not removed and not added:
        yield f"the same {len(new)} in another order"


def _signed(sign: str, value: Json) -> Iterator[str]:
    """Yield a value with a sign, on several lines if it is long."""
    text = shown(value)
    if len(text) > _WIDTH and not isinstance(value, str):
        text = json.dumps(value, indent=2, ensure_ascii=False)
    first, *rest = text.splitlines() or [""]
    yield f"{sign} {first}"
    yield from (f"  {line}" for line in rest)
