"""The reference of commands is generated from the code, and up to date."""

from __future__ import annotations

from pathlib import Path

import click

from ops.base.kinds import KINDS
from ops.commands.cli import cli
from ops.commands.kinds.common import group_of
from ops.commands.reference import reference

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "commands.md"


def test_the_reference_of_commands_is_up_to_date() -> None:
    assert PAGE.read_text() == reference(), "run `make docs`"


def test_every_command_is_there_once() -> None:
    page = reference()
    kinds = {kind.command for kind in KINDS}
    for name in cli.list_commands(click.Context(cli)):
        if name in kinds:
            assert page.count(f"| `{name}` | ") == 1
        else:
            assert f"\n### ops {name}" in page
    for own in ("images build", "images list", "schedules down"):
        assert page.count(f"\n### ops {own}\n") == 1
    assert "### ops alarms" not in page  # has the common commands alone


def test_every_kind_says_what_its_commands_do() -> None:
    for kind in KINDS:
        group = group_of(kind)
        for name, command in group.commands.items():
            assert (command.help or "").rstrip().endswith("."), f"{kind.name} {name}"
