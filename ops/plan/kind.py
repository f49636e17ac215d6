"""The interface between a kind of resource and the pipeline: read this before you write a new kind.

A kind is a line of `ops.base.kinds.KINDS` and a folder `ops/kinds/<name>/`:

    settings.py   `Settings`, the pydantic model of the kind's section in an ops.yml
    desired.py    the resources that should exist; pure
    remote.py     the resources that exist; alone calls AWS (`ops.plan.remote.Remote`)
    kind.py       `KIND`, which holds these together as an `Implementation`

Its section, commands, plans, output and IAM permissions follow from these.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from ops.aws.client import Aws
from ops.base.kinds import Kind
from ops.copilot.place import Place
from ops.plan.model import Resource
from ops.plan.remote import Remote

S = TypeVar("S", bound=BaseModel)  # its settings
P = TypeVar("P", bound=Place)  # where it belongs, by its scope


def _no_warnings(_settings: BaseModel, _place: Place) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Implementation(Generic[S, P]):
    """The functions of a kind. `remote` alone calls AWS.

    `desired` raises OpsError for a section that cannot be carried out. `warnings` are shown with
    the plan. Everything that a kind must know about another one is in its place: `declared` and
    `shared`.
    """

    desired: Callable[[S, P], Iterable[Resource]]
    remote: Callable[[Aws, Sequence[P]], Remote]
    warnings: Callable[[S, P], Iterable[str]] = _no_warnings


def implementation(kind: Kind) -> Implementation[Any, Any]:
    """Import and return a kind's implementation; on demand, so that `ops --help` is quick."""
    module = import_module(f"ops.kinds.{kind.name}.kind")
    implemented: Implementation[Any, Any] = module.KIND
    return implemented
