"""`ops completion`: completion of commands, environments and services in a shell."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ops.base.errors import OpsError

_FILES = {
    "bash": Path(".bashrc"),
    "zsh": Path(".zshrc"),
    "fish": Path(".config/fish/completions/ops.fish"),
}
_LINES = {
    "bash": 'eval "$(_OPS_COMPLETE=bash_source ops)"',
    "zsh": 'eval "$(_OPS_COMPLETE=zsh_source ops)"',
    "fish": "_OPS_COMPLETE=fish_source ops | source",
}
_shell = click.argument("shell", type=click.Choice(sorted(_FILES)), required=False)


@click.group()
def completion() -> None:
    """Complete commands, environments and services in your shell."""


@completion.command()
@_shell
def install(shell: str | None) -> None:
    """Add completion to the start-up file of your shell, once."""
    name = shell or _own_shell()
    path = Path.home() / _FILES[name]
    text = path.read_text() if path.is_file() else ""
    if _LINES[name] in text.splitlines():
        click.echo(f"{path} has it already.")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    separator = "" if not text or text.endswith("\n") else "\n"
    path.write_text(f"{text}{separator}{_LINES[name]}\n")
    click.echo(f"Added to {path}. Start a new shell to use it.")


@completion.command()
@_shell
def show(shell: str | None) -> None:
    """Print the line for the start-up file of your shell."""
    click.echo(_LINES[shell or _own_shell()])


def _own_shell() -> str:
    name = Path(os.environ.get("SHELL", "")).name
    if name not in _FILES:
        raise OpsError(
            f"ops knows no completion for the shell `{name or 'in SHELL'}`",
            f"Name one: {', '.join(sorted(_FILES))}.",
        )
    return name
