"""The reference of all commands, generated from them: `python -m ops.commands.reference`."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import click

from ops.base.kinds import KINDS
from ops.commands.cli import KINDS_TITLE, cli
from ops.commands.options import shared_options, yes_option

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """# Commands

Made from the code by `make docs`; `--help` explains the options of a command. Exit codes: 0
success, or nothing to do; 1 an error; 2 differences found (`plan --exit-code`); 130 interrupted.
Every command but `ops local` uses AWS's usual settings: profile, region, `AWS_ENDPOINT_URL`.

Most commands also take these options, and `--yes` where they ask:

```text
{options}
```
"""
_KINDS = """## Kinds

`ops KIND plan` and `ops KIND sync` are [`ops plan`](#ops-plan) and [`ops sync`](#ops-sync) for one
kind. `list` lists what ops created. `delete` deletes it, also what is still declared; it asks
first.

| KIND | resources |
|---|---|
"""


def reference() -> str:
    """Return the page, in Markdown."""
    root = click.Context(cli, info_name="ops", terminal_width=100, **cli.context_settings)
    parts = [_HEAD.format(options=_shared_help(root))]
    for title, table in cli.sections.items():
        parts += list(_kinds()) if title == KINDS_TITLE else [f"## {title}\n"]
        parts += [text for name in table for text in _sections(_child(root, name))]
    return "\n".join(parts).rstrip() + "\n"


@shared_options
def _shared(*_arguments: object) -> None:
    """Carry the options that most commands share."""


_SHARED = click.command()(_shared).params
_YES = click.command()(yes_option(lambda: None)).params
_SHARED_INFO = [option.to_info_dict() for option in [*_SHARED, *_YES]]
_FOR_ALL_KINDS = {"plan", "sync", "list", "delete"}


def _shared_help(root: click.Context) -> str:
    formatter = root.make_formatter()
    formatter.write_dl(
        [row for option in [*_SHARED, *_YES] if (row := option.get_help_record(root))]
    )
    return formatter.getvalue().rstrip()


def _kinds() -> Iterator[str]:
    table = _KINDS
    for kind in KINDS:
        table += f"| `{kind.command}` | {kind.summary} |\n"
    yield table


def _sections(context: click.Context) -> Iterator[str]:
    command = context.command
    if not isinstance(command, click.Group):
        yield _section(context, command)
        return
    if command.invoke_without_command:
        alone = copy.copy(command)
        alone.commands = {}
        yield _section(context, alone)
    for name, child in _commands_of(context):
        if not _is_common(context, name, child):
            yield from _sections(_child(context, name))


def _section(context: click.Context, command: click.Command) -> str:
    """Return the names of a command's arguments and options, and its help."""
    pieces = [piece for param in command.params for piece in _pieces(param, context)]
    usage = f"`{' '.join(pieces)}`\n\n" if pieces else ""
    text = " ".join((command.help or "").split())
    return f"### {context.command_path}\n\n{usage}{text}\n"


def _pieces(param: click.Parameter, context: click.Context) -> list[str]:
    if isinstance(param, click.Argument):
        return param.get_usage_pieces(context)
    record = param.get_help_record(context)
    names = record[0].replace(" / ", "|").replace(", ", "|").replace(" RANGE", "") if record else ""
    return [f"[{names}]"] if names else []


def _is_common(context: click.Context, name: str, command: click.Command) -> bool:
    """Tell whether the table of the kinds says all about a command."""
    is_kind = context.info_name in {kind.command for kind in KINDS}
    own = {option.name for option in _without_shared(command).params}
    return is_kind and name in _FOR_ALL_KINDS and (name in {"plan", "sync"} or not own)


def _commands_of(context: click.Context) -> list[tuple[str, click.Command]]:
    group = context.command
    if not isinstance(group, click.Group):
        return []
    commands = ((name, group.get_command(context, name)) for name in group.list_commands(context))
    return [(name, command) for name, command in commands if command is not None]


def _child(parent: click.Context, name: str) -> click.Context:
    child = dict(_commands_of(parent))[name]
    return click.Context(_without_shared(child), parent=parent, info_name=name)


def _without_shared(command: click.Command) -> click.Command:
    """Return a copy of a command whose help leaves out the shared options."""
    own = copy.copy(command)
    own.params = [param for param in command.params if param.to_info_dict() not in _SHARED_INFO]
    own.add_help_option = False
    return own


if __name__ == "__main__":
    click.echo(reference(), nl=False)
