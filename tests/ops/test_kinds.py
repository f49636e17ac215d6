"""The registry: a line and a folder make a kind, with its section and its commands."""

from importlib import import_module

import click
import pytest

import ops.alarms.remote
import ops.dashboards.remote
import ops.events.remote
import ops.images.remote
import ops.logging.remote
import ops.scaling.remote
import ops.schedules.remote
import ops.topics.remote
from ops.commands.kinds import group_of
from ops.kinds import KINDS, Kind, Scope
from ops.remote import Remote
from ops.workspace.settings import application_model, service_model

# The registry names modules by text, so mypy checks here that each keeps the protocol.
REMOTES: dict[str, type[Remote]] = {
    "alarms": ops.alarms.remote.Remote,
    "dashboards": ops.dashboards.remote.Remote,
    "events": ops.events.remote.Remote,
    "images": ops.images.remote.Remote,
    "logging": ops.logging.remote.Remote,
    "scaling": ops.scaling.remote.Remote,
    "schedules": ops.schedules.remote.Remote,
    "topics": ops.topics.remote.Remote,
}


def test_every_kind_keeps_the_protocol() -> None:
    assert REMOTES.keys() == {kind.name for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_has_its_section_and_its_commands(kind: Kind) -> None:
    model = service_model() if kind.scope is Scope.SERVICE else application_model()
    assert kind.name in model.model_fields
    assert callable(import_module(f"ops.{kind.name}.desired").desired)
    group = group_of(kind)
    assert {"delete", "list", "plan", "sync"} <= set(group.list_commands(click.Context(group)))
