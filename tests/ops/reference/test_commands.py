"""The reference is made from the code, and is up to date."""

from __future__ import annotations

from pathlib import Path

from ops.commands.reference import reference

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "commands.md"


def test_the_reference_of_commands_is_up_to_date() -> None:
    assert PAGE.read_text() == reference(), "run `make docs`"
