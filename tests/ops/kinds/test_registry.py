"""The registry: a line and a folder make a kind, with its section and its commands."""

import click
import pytest

from ops.base.kinds import KINDS, Kind, Scope
from ops.commands.kinds.common import group_of
from ops.copilot.workspace.settings import application_model, service_model
from ops.plan.kind import Implementation, implementation


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_has_its_section_and_its_commands(kind: Kind) -> None:
    model = service_model() if kind.scope is Scope.SERVICE else application_model()
    assert kind.name in model.model_fields
    assert isinstance(implementation(kind), Implementation)
    group = group_of(kind)
    assert {"delete", "list", "plan", "sync"} <= set(group.list_commands(click.Context(group)))
