"""The registry: a line and a folder make a kind, with its section and its commands."""

from importlib import import_module

import click
import pytest

import ops.kinds.alarms.remote
import ops.kinds.dashboards.remote
import ops.kinds.events.remote
import ops.kinds.images.remote
import ops.kinds.logging.remote
import ops.kinds.scaling.remote
import ops.kinds.schedules.remote
import ops.kinds.topics.remote
from ops.base.kinds import KINDS, Kind, Scope
from ops.commands.kinds.common import group_of
from ops.copilot.workspace.settings import application_model, service_model
from ops.plan.remote import Remote

# The registry names modules by text, so mypy checks here that each keeps the protocol.
REMOTES: dict[str, type[Remote]] = {
    "alarms": ops.kinds.alarms.remote.Remote,
    "dashboards": ops.kinds.dashboards.remote.Remote,
    "events": ops.kinds.events.remote.Remote,
    "images": ops.kinds.images.remote.Remote,
    "logging": ops.kinds.logging.remote.Remote,
    "scaling": ops.kinds.scaling.remote.Remote,
    "schedules": ops.kinds.schedules.remote.Remote,
    "topics": ops.kinds.topics.remote.Remote,
}


def test_every_kind_keeps_the_protocol() -> None:
    assert REMOTES.keys() == {kind.name for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_has_its_section_and_its_commands(kind: Kind) -> None:
    model = service_model() if kind.scope is Scope.SERVICE else application_model()
    assert kind.name in model.model_fields
    assert callable(import_module(f"ops.kinds.{kind.name}.desired").desired)
    group = group_of(kind)
    assert {"delete", "list", "plan", "sync"} <= set(group.list_commands(click.Context(group)))
