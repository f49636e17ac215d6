"""Manifests with one random change to a valid manifest of `seeds.yml`, the same for each seed.

A field is added where the table of fields allows it, with a value from another manifest; no
other change knows the rules.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import yaml

from ops.check.manifest.grammar import Fields, Grammar, Items, table
from ops.copilot.workload import TYPES
from tests.ops.check.differential.values import ODD, near
from tests.ops.check.oracle.manifests import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SEEDS = Path(__file__).with_name("seeds.yml")
_FIXED = {"name", "type"}  # other names are other manifests
Place = tuple[int | str, ...]


@dataclass(frozen=True)
class Mutant:
    """A manifest that may be broken, the `kind` of its change, and the place (`at`) of
    the change.
    """

    type: str
    name: str
    kind: str
    at: Place
    text: str

    @property
    def of(self) -> str:
        """Return the workload's name, or `environment`."""
        return "environment" if self.type == "Environment" else self.name

    @property
    def path(self) -> str:
        """Return the path in a workspace."""
        folder = f"environments/{ENVIRONMENT}" if self.of == "environment" else self.name
        return f"copilot/{folder}/manifest.yml"


@cache
def seeds() -> tuple[dict[str, Any], ...]:
    """Return the valid manifests."""
    return tuple(yaml.safe_load(_SEEDS.read_text()))


def mutants(number: int, seed: int) -> Iterator[Mutant]:
    """Yield distinct mutants: each differs from a valid manifest in one place."""
    random = Random(seed)  # noqa: S311  # a fixed order, no secret
    seen = {_text(each) for each in seeds()}
    while number:
        data = copy.deepcopy(random.choice(seeds()))
        kind, change = random.choice(_CHANGES)
        at = change(data, random)
        if at is None:
            continue
        text = _text(data)
        if text not in seen:
            seen.add(text)
            number -= 1
            yield Mutant(str(data["type"]), str(data["name"]), kind, at, text)


def unchanged() -> Iterator[Mutant]:
    """Yield the valid manifests themselves."""
    for data in seeds():
        yield Mutant(data["type"], data["name"], "none", (), _text(data))


def _text(data: object) -> str:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _places(value: object, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every value below a manifest, with its place."""
    items: Any = ()
    if isinstance(value, dict):
        items = [(key, below) for key, below in value.items() if at or key not in _FIXED]
    elif isinstance(value, list):
        items = enumerate(value)
    for key, below in items:
        yield (*at, key), below
        yield from _places(below, (*at, key))


def _holder(data: Any, at: Place) -> Any:  # noqa: ANN401  # a mapping or a list of YAML
    for step in at[:-1]:
        data = data[step]
    return data


def _any(data: object, random: Random) -> tuple[Place, Any]:
    return random.choice(list(_places(data)))


def _remove(data: Any, random: Random) -> Place:  # noqa: ANN401
    at, _ = _any(data, random)
    del _holder(data, at)[at[-1]]
    return at


def _replace(data: Any, random: Random) -> Place:  # noqa: ANN401
    at, _ = _any(data, random)
    _holder(data, at)[at[-1]] = copy.deepcopy(random.choice(ODD))
    return at


def _near(data: Any, random: Random) -> Place:  # noqa: ANN401
    scalars = [(at, value) for at, value in _places(data) if not isinstance(value, dict | list)]
    at, value = random.choice(scalars)
    _holder(data, at)[at[-1]] = near(value, random)
    return at


def _repeat(data: Any, random: Random) -> Place | None:  # noqa: ANN401
    lists = [(at, value) for at, value in _places(data) if isinstance(value, list) and value]
    if not lists:
        return None
    at, value = random.choice(lists)
    value.append(copy.deepcopy(random.choice(value)))
    return at


def _wrap(data: Any, random: Random) -> Place:  # noqa: ANN401
    """Put a value into a list, or take a value out of one."""
    at, value = _any(data, random)
    inside = next(iter(value), None) if isinstance(value, list) else [value]
    _holder(data, at)[at[-1]] = inside
    return at


def _add(data: Any, random: Random) -> Place | None:  # noqa: ANN401
    """Add a field that is known at its place, with a value from elsewhere or near it."""
    mappings = [
        ((), data),
        *((at, value) for at, value in _places(data) if isinstance(value, dict)),
    ]
    at, holder = random.choice(mappings)
    fields = _fields_at(data["type"], at)
    absent = sorted(set(fields) - set(holder) - _FIXED)
    if not absent:
        return None
    name = random.choice(absent)
    donors = _donors(name) or list(ODD)
    value = copy.deepcopy(random.choice(donors))
    is_scalar = not isinstance(value, dict | list)
    holder[name] = near(value, random) if is_scalar and random.random() < 0.5 else value
    return (*at, name)


def _override(data: Any, random: Random) -> Place | None:  # noqa: ANN401
    """Make another change in an environment's override of a section."""
    if data["type"] == "Environment":
        return None
    sections = sorted(set(data) - _FIXED - {"environments"})
    section = random.choice(sections)
    override = {"type": data["type"], section: copy.deepcopy(data[section])}
    _, change = random.choice([each for each in _CHANGES if each[1] is not _override])
    at = change(override, random)
    if at is None:
        return None
    del override["type"]
    data["environments"] = {ENVIRONMENT: override}
    return ("environments", ENVIRONMENT, *at)


def _turn(data: Any, random: Random) -> Place:  # noqa: ANN401
    """Change the manifest's type."""
    types = [each for each in TYPES if each != data["type"]]
    if data["type"] != "Environment":
        data["type"] = random.choice(types)
        return ("type",)
    return _remove(data, random)


def _move(data: Any, random: Random) -> Place | None:  # noqa: ANN401
    """Move a field into another mapping."""
    everything = list(_places(data))
    at, value = random.choice(everything)
    homes = [(place, home) for place, home in everything if isinstance(home, dict)]
    homes = [(place, home) for place, home in homes if place[: len(at)] != at]
    if not homes or not isinstance(at[-1], str):
        return None
    place, home = random.choice(homes)
    del _holder(data, at)[at[-1]]
    home[at[-1]] = value
    return (*place, at[-1])


def _swap(data: Any, random: Random) -> Place | None:  # noqa: ANN401
    """Exchange the values of two fields."""
    everything = list(_places(data))
    if len(everything) < 2:
        return None
    (one, first), (other, second) = random.sample(everything, 2)
    if one == other[: len(one)] or other == one[: len(other)]:
        return None
    _holder(data, one)[one[-1]], _holder(data, other)[other[-1]] = second, first
    return one


def _respell(data: Any, random: Random) -> Place | None:  # noqa: ANN401
    """Change the spelling of a field's name."""
    at, value = _any(data, random)
    if not isinstance(at[-1], str):
        return None
    name = at[-1]
    spellings = [name.upper(), f"{name}s", name[:-1], name.replace("_", "-"), name.title()]
    spelling = random.choice(spellings)
    holder = _holder(data, at)
    if spelling in holder:
        return None
    del holder[name]
    holder[spelling] = value
    return (*at[:-1], spelling)


def _exchange(data: Any, random: Random) -> Place:  # noqa: ANN401
    """Put the value of any field of any manifest into another field."""
    at, _ = _any(data, random)
    _, value = _any(random.choice(seeds()), random)
    _holder(data, at)[at[-1]] = copy.deepcopy(value)
    return at


@cache
def _donors(name: str) -> list[Any]:
    return [value for seed in seeds() for at, value in _places(seed) if at[-1] == name]


def _fields_at(type_: str, at: Place) -> list[str]:
    grammars = table()
    grammar: Grammar | None = (
        grammars.environment if type_ == "Environment" else grammars.with_overrides[type_]
    )
    for step in at:
        if isinstance(grammar, Fields) and isinstance(step, int):
            grammar = grammar.instead
        if isinstance(grammar, Items):
            grammar = grammar.item
        elif isinstance(grammar, Fields):
            grammar = grammar.below(str(step))
    return list(grammar.fields) if isinstance(grammar, Fields) else []


_CHANGES: list[tuple[str, Callable[[Any, Random], Place | None]]] = [
    ("removed", _remove),
    ("replaced", _replace),
    ("near", _near),
    ("near", _near),
    ("near", _near),
    ("added", _add),
    ("added", _add),
    ("added", _add),
    ("wrapped", _wrap),
    ("repeated", _repeat),
    ("overridden", _override),
    ("other type", _turn),
    ("moved", _move),
    ("swapped", _swap),
    ("respelt", _respell),
    ("exchanged", _exchange),
]
