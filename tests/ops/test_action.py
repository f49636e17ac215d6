"""The composite action: its commands and options exist, and no script contains an input."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
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


GH = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in *--paginate*) printf "$FOUND" ;; esac
"""
OPS = """#!/bin/sh
echo "the plan"
exit "$CODE"
"""


def run(tmp_path: Path, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a step as GitHub does, with stand-ins for its programs."""
    for name, text in (("gh", GH), ("ops", OPS)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    settings = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_REPOSITORY": "shop/shop",
        "ENVIRONMENT": "prod",
        "WORKSPACE": "apps/shop",
        "PLAN": "plan.json",
        "NUMBER": "7",
        "CODE": "0",
        "FOUND": "",
        **variables,
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", SCRIPTS[step]],
        env=settings,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_comment_begins_with_its_mark_and_is_the_summary(tmp_path: Path) -> None:
    assert run(tmp_path, "Plan").returncode == 0
    text = "<!-- ops plan apps/shop prod -->\nthe plan\n"
    assert (tmp_path / "plan.md").read_text() == text
    assert (tmp_path / "summary").read_text() == text


def test_a_plan_that_fails_fails_the_step(tmp_path: Path) -> None:
    assert run(tmp_path, "Plan", CODE="1").returncode == 1


@pytest.mark.parametrize(
    ("found", "call"),
    [
        ("", "--method POST repos/shop/shop/issues/7/comments"),
        ("31\\n32\\n", "--method PATCH repos/shop/shop/issues/comments/31"),
    ],
)
def test_the_comment_is_written_once_and_then_updated(
    tmp_path: Path, found: str, call: str
) -> None:
    assert run(tmp_path, "Comment on the pull request", FOUND=found).returncode == 0
    looked, wrote = (tmp_path / "calls").read_text().splitlines()
    assert 'startswith("<!-- ops plan apps/shop prod -->")' in looked
    assert wrote == f"api {call} -F body=@{tmp_path}/plan.md --silent"


def test_an_unknown_command_is_an_error_and_not_a_green_check(tmp_path: Path) -> None:
    done = run(tmp_path, "Refuse an unknown command", COMMAND="chek")
    assert done.returncode == 1
    assert "'chek'" in done.stdout
    condition = STEPS[0]["if"]
    assert set(re.findall(r"'(\w+)'", condition)) == {"check", "plan", "sync"}
