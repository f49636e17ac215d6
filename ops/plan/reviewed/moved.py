"""Changes since a plan was reviewed, in AWS or in the files. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ops.plan.model import Json, Live, Properties
from ops.plan.output.field_lines import shown

_LONGEST = 60  # characters of a value that a sentence quotes
_NOTHING: Mapping[str, Any] = {}

Writes = Mapping[str, Mapping[str, Any]]  # by kind and name, as in the file


def fingerprint(properties: Properties) -> str:
    """Return a hash that shows whether the properties of a resource have changed."""
    text = json.dumps(properties, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Moment:
    """A plan at one moment: its writes, and its unchanged resources, by kind and name."""

    writes: Writes
    unchanged: Mapping[str, str]  # fingerprints
    live: Mapping[str, Live]  # of what is unchanged; empty for a plan from a file


def moved(then: Moment, now: Moment) -> list[str]:
    """Return a sentence for each difference between a reviewed plan and a new one."""
    return [
        f"{name}: {what}"
        for name in sorted(then.writes.keys() | now.writes.keys())
        if then.writes.get(name) != now.writes.get(name)
        for what in _of(name, then, now)
    ]


def _of(name: str, then: Moment, now: Moment) -> Iterator[str]:
    old, new = then.writes.get(name), now.writes.get(name)
    if old is None and new is not None:
        yield from _added(name, new, then)
    elif old is not None and new is None:
        yield _settled(name, old, now)
    elif old is not None and new is not None:
        if old["action"] == new["action"]:
            yield from _fields(old, new)
        else:
            yield _other_action(old["action"], new["action"])


def _added(name: str, new: Mapping[str, Any], then: Moment) -> Iterator[str]:
    """Describe a write that was not in the reviewed plan."""
    was_there = name in then.unchanged
    match new["action"]:
        case "create":
            yield (
                "it was deleted in AWS; before, it was as declared"
                if was_there
                else "the files declare it now"
            )
        case "delete":
            yield "the files no longer declare it" if was_there else "it was created in AWS"
        case _ if not was_there:
            yield "it was created in AWS, or ops became its owner"
        case _:
            # It was unchanged, so AWS and the files agreed; the side that differs has changed.
            files = then.unchanged[name] == new.get("was")
            for path, has, declared in new["fields"]:
                yield (
                    f"{path}: the files say {_quoted(declared)} now; AWS still has {_quoted(has)}"
                    if files
                    else f"{path}: AWS has {_quoted(has)} now; the files say {_quoted(declared)}"
                )


def _settled(name: str, old: Mapping[str, Any], now: Moment) -> str:
    """Describe a write that is no longer needed."""
    live = now.live.get(name)
    if old["action"] == "delete":
        return "it no longer exists in AWS" if live is None else "the files declare it again"
    if live is None:
        return "the files no longer declare it, or it has another owner in AWS now"
    if all(_at(live.properties, path) == declared for path, _, declared in old["fields"]):
        return "AWS already matches the plan: nothing is left to do"
    return "the files already match AWS: nothing is left to do"


def _other_action(old: str, new: str) -> str:
    match old, new:
        case "create", _:
            return "it was created in AWS"
        case "update", "create":
            return "it was deleted in AWS"
        case "delete", _:
            return "the files declare it again"
        case _:
            return "the files no longer declare it"


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields in which two changes of one resource differ."""
    before = {path: (has, declared) for path, has, declared in old["fields"]}
    after = {path: (has, declared) for path, has, declared in new["fields"]}
    for path in sorted(before.keys() | after.keys()):
        # Where a plan does not mention a field, AWS and the files agreed on it.
        had, earlier = before.get(path) or (_at(old["result"], path),) * 2
        has, says = after.get(path) or (_at(new["result"], path),) * 2
        if has != had:
            yield f"{path}: AWS has {_quoted(has)} now, and had {_quoted(had)}"
        if says != earlier:
            yield f"{path}: the files say {_quoted(says)} now, and said {_quoted(earlier)}"
    if before == after:
        for key in sorted(old["result"].keys() | new["result"].keys()):
            had, has = old["result"].get(key), new["result"].get(key)
            if has != had:
                yield f"{key}, which is not declared: AWS has {_quoted(has)} now"


def _at(properties: Json, path: str) -> Json:
    """Return the value at a dotted path; its keys may contain dots, too."""
    if not isinstance(properties, Mapping):
        return None
    if path in properties:
        return properties[path]
    for key, value in properties.items():
        if path.startswith(f"{key}."):
            return _at(value, path.removeprefix(f"{key}."))
    return None


def _quoted(value: Json) -> str:
    text = shown(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
