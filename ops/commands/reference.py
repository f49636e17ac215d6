"""The reference of all commands, generated from them: `python -m ops.commands.reference`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ops.commands.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """# Commands

Made from the code by `make docs`. Every command but `ops local` uses AWS's standard settings:
profile, region, `AWS_ENDPOINT_URL`. Exit codes: 0 nothing to do, or done; 1 an error; 2 differences
found (`plan --exit-code`).
"""


def reference() -> str:
    """Return the page in Markdown."""
    context = click.Context(cli, info_name="ops", terminal_width=100, **cli.context_settings)
    return "\n".join([_HEAD, *_sections(context)]).rstrip() + "\n"


def _sections(context: click.Context) -> Iterator[str]:
    command = context.command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _sections(click.Context(child, parent=context, info_name=name))
    else:
        yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    click.echo(reference(), nl=False)
