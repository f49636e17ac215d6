"""The composite action: its commands and options exist, and no script contains an input."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import yaml

from ops.commands.cli import cli

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SCRIPTS = {step["name"]: step["run"] for step in STEPS}


def test_its_ops_commands_have_these_options() -> None:
    found = [
        shlex.split(line)
        for script in SCRIPTS.values()
        for line in re.findall(r"(?<!<!-- )\bops ((?:check|plan|sync) [^;>\n]*)", script)
    ]
    assert sorted(words[0] for words in found) == ["check", "plan", "sync"]
    for name, *words in found:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        context = click.Context(command)
        known = {option for each in command.get_params(context) for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= known, name
        chosen = words[words.index("--output") + 1] if "--output" in words else "text"
        (output,) = (each for each in command.params if "--output" in each.opts)
        assert isinstance(output.type, click.Choice)
        assert chosen in output.type.choices


def test_inputs_reach_scripts_as_variables_alone() -> None:
    """GitHub would paste an input into the script, where it could run anything."""
    assert not [name for name, script in SCRIPTS.items() if "${{" in script]


def test_each_step_uses_inputs_that_are_declared() -> None:
    used = set(re.findall(r"inputs\.(\w+)", str(STEPS)))
    assert used == set(ACTION["inputs"])
