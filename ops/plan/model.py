"""A plan is data: what is declared, what is there, and what that comes to. No AWS here.

Properties have AWS's own names and are normalised by whoever makes them, so that comparing is
comparing values. What a declaration does not mention is neither compared nor changed.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ops.base.errors import OpsError

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Properties: TypeAlias = Mapping[str, Json]

_NOT_OURS = "exists and differs, but was not made by ops: rename one, or remove the other by hand"
_NOT_THERE = "is adopted but does not exist: make it first, or remove `adopt`"


@dataclass(frozen=True)
class Resource:
    """Something that should be there. A property of None must not be set.

    What refers to other resources has a later stage: it is made after them and removed before
    them. What is adopted was made by another tool: it gets the properties that
    are declared, and is never made or removed. `secret` is for the call that makes it, and for
    nobody else: it is neither compared, nor shown, nor kept in a file.
    """

    name: str
    properties: Properties
    tags: Mapping[str, str]
    stage: int = 0
    adopted: bool = False
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Live:
    """Something that is there. `state` is what AWS reports beside its properties."""

    name: str
    properties: Properties
    state: Properties
    stage: int = 0


class Members(dict[str, "Json"]):
    """A set of which a declaration names some: True is to be a member, None is not.

    Other members are neither compared nor changed.
    """


@dataclass(frozen=True)
class FieldChange:
    """One field that differs: the keys that lead to it, what it is and what it should be."""

    keys: tuple[str, ...]
    old: Json
    new: Json

    @property
    def path(self) -> str:
        """The keys as one dotted name."""
        return ".".join(self.keys)


@dataclass(frozen=True)
class Create:
    """It is not there."""

    wanted: Resource

    @property
    def name(self) -> str:
        return self.wanted.name

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        return differences(self.wanted.properties, {})

    @property
    def result(self) -> dict[str, Json]:
        """All properties after the creation."""
        return _overlaid({}, self.wanted.properties)


@dataclass(frozen=True)
class _Differing:
    """What is declared, and what is there instead."""

    wanted: Resource
    live: Live

    @property
    def name(self) -> str:
        return self.wanted.name

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        return differences(self.wanted.properties, self.live.properties)


@dataclass(frozen=True)
class _Alone:
    """What is there, with nothing to hold it against."""

    live: Live

    @property
    def name(self) -> str:
        return self.live.name

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        return ()


class Update(_Differing):
    """It is there, made by `ops`, and differs."""

    @property
    def result(self) -> dict[str, Json]:
        """All properties after the update: the declared ones over those that nobody declared."""
        return _overlaid(self.live.properties, self.wanted.properties)


@dataclass(frozen=True)
class Conflict(_Differing):
    """It differs, and `ops` leaves it alone. `why` follows the name, and says what to do."""

    why: str = _NOT_OURS


class Delete(_Alone):
    """It is there, made by `ops`, and no longer declared."""


class Orphan(_Alone):
    """The same, where the plan does not prune: it stays, and is only listed."""


class Unchanged(_Alone):
    """It is there as declared."""


Write: TypeAlias = Create | Update | Delete
Change: TypeAlias = Write | Conflict | Orphan | Unchanged


@dataclass(frozen=True)
class Plan:
    """What becomes of every resource of a kind."""

    kind: str
    changes: tuple[Change, ...]

    @property
    def writes(self) -> tuple[Write, ...]:
        return tuple(each for each in self.changes if isinstance(each, Create | Update | Delete))

    @property
    def owned(self) -> tuple[Live, ...]:
        """What is there and `ops` made, as it was before the plan."""
        ours = (Unchanged, Update, Delete, Orphan)
        return tuple(each.live for each in self.changes if isinstance(each, ours))

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        return tuple(each for each in self.changes if isinstance(each, Conflict))


def make_plan(
    kind: str,
    wanted: Sequence[Resource],
    live: Sequence[Live],
    owned: Callable[[Collection[str]], Collection[str]],
    *,
    prune: bool = False,
) -> Plan:
    """Compare what is declared with what is there.

    `owned` tells which of some names `ops` made. It is asked once, and only about those where
    the answer matters: what is as declared needs no owner. With `prune`, orphans are deleted.
    Raises OpsError when two declarations share a name.
    """
    declared = _by_name(kind, wanted)
    there = {each.name: each for each in live}
    doubtful = {
        name: each
        for name, each in there.items()
        if name not in declared or differences(declared[name].properties, each.properties)
    }
    ours = frozenset(owned(list(doubtful))) if doubtful else frozenset[str]()
    changes = [
        Unchanged(there[name])
        if name in there and name not in doubtful
        else _change(each, doubtful.get(name), name in ours)
        for name, each in declared.items()
    ]
    fate = Delete if prune else Orphan
    orphans = [
        fate(each) for name, each in doubtful.items() if name not in declared and name in ours
    ]
    return Plan(kind, (*changes, *orphans))


def _change(wanted: Resource, live: Live | None, is_ours: bool) -> Change:  # noqa: FBT001
    """What becomes of a resource that is not there as declared."""
    if live is None:
        if wanted.adopted:
            return Conflict(wanted, Live(wanted.name, {}, {}), _NOT_THERE)
        return Create(wanted)
    return Update(wanted, live) if is_ours or wanted.adopted else Conflict(wanted, live)


def _by_name(kind: str, wanted: Sequence[Resource]) -> dict[str, Resource]:
    declared: dict[str, Resource] = {}
    for each in wanted:
        if each.name in declared:
            raise OpsError(
                f"Two declarations of {kind} come to the same name, `{each.name}`",
                "Give one of them another name or prefix in its ops.yml.",
            )
        declared[each.name] = each
    return declared


def _overlaid(live: Properties, wanted: Properties) -> dict[str, Json]:
    overlaid = dict(live)
    for key, value in wanted.items():
        if isinstance(value, Mapping):
            inner = live.get(key)
            overlaid[key] = _overlaid(inner if isinstance(inner, Mapping) else {}, value)
        else:
            overlaid[key] = value
    return {key: value for key, value in overlaid.items() if value is not None}


def differences(wanted: Properties, live: Properties) -> tuple[FieldChange, ...]:
    """The fields of `wanted` that `live` does not have so. Lists are compared as a whole."""
    return tuple(_differences((), wanted, live))


def _differences(keys: tuple[str, ...], wanted: Json, live: Json) -> Iterator[FieldChange]:
    if wanted == live:  # first: it is so for nearly all
        return
    inner = live if isinstance(live, Mapping) else {}
    if isinstance(wanted, Members):
        old = sorted(key for key, is_member in inner.items() if is_member)
        new = sorted(key for key, is_member in {**inner, **wanted}.items() if is_member)
        if old != new:
            yield FieldChange(keys, old, new)
    elif isinstance(wanted, Mapping):
        for key, value in wanted.items():
            yield from _differences((*keys, key), value, inner.get(key))
    else:
        yield FieldChange(keys, live, wanted)
