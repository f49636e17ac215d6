"""The change of a dashboard as lines: the number of widgets, and their differences. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from ops.plan.model import FieldChange, Json
from ops.plan.output.field_lines import field_lines

_IN = "  "


def dashboard_lines(
    fields: Sequence[FieldChange], *, is_new: bool, aligned: bool = True
) -> Iterator[str]:
    """Yield `widgets: +2 -1, 3 changed, 7 moved`, then each that is not just moved."""
    rest = [field for field in fields if field.keys[0] not in ("titles", "widgets")]
    yield from field_lines(rest, is_new=is_new, aligned=aligned)
    old, new = _titles(fields)
    added, removed = sorted(new - old), sorted(old - new)
    widgets = _by_widget(fields, added)
    changed = {title: inner for title, inner in widgets.items() if inner}
    counts = (
        *((f"+{len(added)}",) if added else ()),
        *((f"-{len(removed)}",) if removed else ()),
    )
    changes = [" ".join(counts)] if counts else []
    changes += [f"{len(changed)} changed"] if changed else []
    changes += [f"{len(widgets) - len(changed)} moved"] if len(widgets) > len(changed) else []
    if changes:
        yield f"widgets: {', '.join(changes)}"
    yield from (f"{_IN}+ {title}" for title in added)
    yield from (f"{_IN}- {title}" for title in removed)
    for title, inner in changed.items():
        yield f"{_IN}~ {title}"
        lines = field_lines(inner, is_new=False, aligned=aligned)
        yield from (f"{_IN * 3}{line}" for line in lines)


def _titles(fields: Sequence[FieldChange]) -> tuple[set[str], set[str]]:
    """Return the titles before and after; both empty if they do not change."""
    for field in fields:
        if field.keys == ("titles",):
            return _members(field.old), _members(field.new)
    return set(), set()


def _members(value: Json) -> set[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return {str(item) for item in value}
    return set()


def _by_widget(
    fields: Sequence[FieldChange], added: Collection[str]
) -> Mapping[str, list[FieldChange]]:
    """Return the differences of each existing widget by its title, except for its position."""
    by_title: defaultdict[str, list[FieldChange]] = defaultdict(list)
    for field in fields:
        if field.keys[0] == "widgets" and field.keys[1] not in added:
            _, title, *inner = field.keys
            by_title[title] += (
                [] if inner == ["at"] else [FieldChange(tuple(inner), field.old, field.new)]
            )
    return by_title
