"""A plan as data: the declared resources, the live ones, and the resulting changes. No AWS here.

Properties have AWS's own names and are normalised by their producers, so that values can be
compared directly. Properties that a declaration does not mention are neither compared nor changed.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ops.base.errors import OpsError

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Properties: TypeAlias = Mapping[str, Json]

_NOT_OURS = (
    "exists and differs, but was not created by ops: rename one, or delete the existing "
    "one manually"
)
_NOT_THERE = "is adopted but does not exist: create it first, or remove `adopt`"


@dataclass(frozen=True)
class Resource:
    """A resource that should exist. A property of None must not be set.

    A resource that refers to others has a later `stage`: it is created after them and deleted
    before them. An `adopted` resource was created by another tool: `ops` sets its declared
    properties, and never creates or deletes it. `secret` is only for the call that creates the
    resource: it is not compared, shown or saved. `declared_at` is the path of
    keys in the `ops.yml`, for errors; empty where the section as a whole declares it.
    """

    name: str
    properties: Properties
    tags: Mapping[str, str]
    stage: int = 0
    adopted: bool = False
    secret: str | None = field(default=None, repr=False)
    declared_at: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Live:
    """A resource that exists. `state` is what AWS reports in addition to its properties."""

    name: str
    properties: Properties
    state: Properties
    stage: int = 0


class Members(dict[str, "Json"]):
    """A set of which a declaration names some members: True must be a member, None must not.

    Other members are neither compared nor changed.
    """


@dataclass(frozen=True)
class FieldChange:
    """A field that differs: its path of keys, its old and its new value."""

    keys: tuple[str, ...]
    old: Json
    new: Json

    @property
    def path(self) -> str:
        """Return the keys as one dotted name."""
        return ".".join(self.keys)


@dataclass(frozen=True)
class Create:
    """The creation of a missing resource."""

    wanted: Resource

    @property
    def name(self) -> str:
        return self.wanted.name

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        return differences(self.wanted.properties, {})

    @property
    def result(self) -> dict[str, Json]:
        """Return all properties after the creation."""
        return _overlaid({}, self.wanted.properties)


@dataclass(frozen=True)
class _Differing:
    """A declared resource with its differing live one."""

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
    """A live resource that is not declared."""

    live: Live

    @property
    def name(self) -> str:
        return self.live.name

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        return ()


class Update(_Differing):
    """The update of a resource that `ops` created and that differs."""

    @property
    def result(self) -> dict[str, Json]:
        """Return all properties after the update: the declared ones over the undeclared ones."""
        return _overlaid(self.live.properties, self.wanted.properties)


@dataclass(frozen=True)
class Conflict(_Differing):
    """A differing resource that `ops` does not change. `why` follows the name, with the
    next step.
    """

    why: str = _NOT_OURS


class Delete(_Alone):
    """The deletion of a resource that `ops` created and that is no longer declared."""


class Orphan(_Alone):
    """An undeclared resource that `ops` created, listed by a plan without pruning."""


class Unchanged(_Alone):
    """A resource that is as declared."""


Write: TypeAlias = Create | Update | Delete
Change: TypeAlias = Write | Conflict | Orphan | Unchanged


@dataclass(frozen=True)
class Plan:
    """The changes of all resources of a kind."""

    kind: str
    changes: tuple[Change, ...]

    @property
    def writes(self) -> tuple[Write, ...]:
        return tuple(
            change for change in self.changes if isinstance(change, Create | Update | Delete)
        )

    @property
    def owned(self) -> tuple[Live, ...]:
        """Return the live resources that `ops` created, as they were before the plan."""
        ours = (Unchanged, Update, Delete, Orphan)
        return tuple(change.live for change in self.changes if isinstance(change, ours))

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        return tuple(change for change in self.changes if isinstance(change, Conflict))


def make_plan(
    kind: str,
    resources: Sequence[Resource],
    live: Sequence[Live],
    owned: Callable[[Collection[str]], Collection[str]],
    *,
    prune: bool = False,
) -> Plan:
    """Compare the declared resources with the live ones.

    `owned` returns which of some names `ops` created. It is called once, and only with names for
    which the answer matters: a resource that is as declared needs no owner. With `prune`, orphans
    are deleted. Raise OpsError if two declarations share a name.
    """
    declared = _by_name(kind, resources)
    there = {resource.name: resource for resource in live}
    doubtful = {
        name: resource
        for name, resource in there.items()
        if name not in declared or differences(declared[name].properties, resource.properties)
    }
    ours = frozenset(owned(list(doubtful))) if doubtful else frozenset[str]()
    changes = [
        Unchanged(there[name])
        if name in there and name not in doubtful
        else _change(resource, doubtful.get(name), name in ours)
        for name, resource in declared.items()
    ]
    fate = Delete if prune else Orphan
    orphans = [
        fate(resource)
        for name, resource in doubtful.items()
        if name not in declared and name in ours
    ]
    return Plan(kind, (*changes, *orphans))


def _change(resource: Resource, live: Live | None, is_ours: bool) -> Change:  # noqa: FBT001
    """Return the change of a resource that is not as declared."""
    if live is None:
        if resource.adopted:
            return Conflict(resource, Live(resource.name, {}, {}), _NOT_THERE)
        return Create(resource)
    return Update(resource, live) if is_ours or resource.adopted else Conflict(resource, live)


def _by_name(kind: str, resources: Sequence[Resource]) -> dict[str, Resource]:
    declared: dict[str, Resource] = {}
    for resource in resources:
        if resource.name in declared:
            raise OpsError(
                f"Two declarations of {kind} have the same name, `{resource.name}`",
                "Give one of them another name or prefix in its ops.yml.",
            )
        declared[resource.name] = resource
    return declared


def _overlaid(live: Properties, declared: Properties) -> dict[str, Json]:
    overlaid = dict(live)
    for key, value in declared.items():
        if isinstance(value, Mapping):
            inner = live.get(key)
            overlaid[key] = _overlaid(inner if isinstance(inner, Mapping) else {}, value)
        else:
            overlaid[key] = value
    return {key: value for key, value in overlaid.items() if value is not None}


def differences(declared: Properties, live: Properties) -> tuple[FieldChange, ...]:
    """Return the fields of `declared` that differ from `live`. Lists are compared as a whole."""
    return tuple(_differences((), declared, live))


def _differences(keys: tuple[str, ...], declared: Json, live: Json) -> Iterator[FieldChange]:
    if declared == live:  # first: it is so for nearly all
        return
    inner = live if isinstance(live, Mapping) else {}
    if isinstance(declared, Members):
        old = sorted(key for key, is_member in inner.items() if is_member)
        new = sorted(key for key, is_member in {**inner, **declared}.items() if is_member)
        if old != new:
            yield FieldChange(keys, old, new)
    elif isinstance(declared, Mapping):
        for key, value in declared.items():
            yield from _differences((*keys, key), value, inner.get(key))
    else:
        yield FieldChange(keys, live, declared)
