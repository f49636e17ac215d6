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

Made from the code by `make docs`. Exit codes: 0 success, or nothing to do; 1 an error;
2 differences found (`plan --exit-code`). Every command but `ops local` uses AWS's usual settings:
profile, region, `AWS_ENDPOINT_URL`.

Most commands take these options, and `--yes` where they ask. Below stands what differs:

```text
{options}
```
"""
_KINDS = """## Kinds

Each kind has `ops KIND plan` and `ops KIND sync`, with the effect and the options of
[`ops plan`](#ops-plan) and [`ops sync`](#ops-sync) on that kind alone, and two more.
`delete` also deletes what is still declared; it asks first, or takes `--yes`.

| KIND | resources | `list` | `delete` |
|---|---|---|---|
"""


def reference() -> str:
    """Return the page, in Markdown."""
    root = click.Context(cli, info_name="ops", terminal_width=100, **cli.context_settings)
    parts = [_HEAD.format(options=_shared_help(root))]
    for title, table in cli.sections.items():
        parts += list(_kinds(root)) if title == KINDS_TITLE else [f"## {title}\n"]
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
    formatter.write_dl([row for option in [*_SHARED, *_YES] if (row := option.get_help_record(root))])
    return formatter.getvalue().rstrip()


def _kinds(root: click.Context) -> Iterator[str]:
    table = _KINDS
    for kind in KINDS:
        group = _child(root, kind.command)
        texts = {name: command.get_short_help_str(200) for name, command in _commands_of(group)}
        table += f"| `{kind.command}` | {kind.summary} | {texts['list']} | {texts['delete']} |\n"
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
    """Return what the help of a command says, without `[OPTIONS]` and the title of the options."""
    arguments = " ".join(piece for piece in command.collect_usage_pieces(context)[1:])
    formatter = context.make_formatter()
    command.format_help_text(context, formatter)
    if rows := [row for option in command.params if (row := option.get_help_record(context))]:
        formatter.write_paragraph()
        formatter.write_dl(rows)
    usage = f"{context.command_path} {arguments}\n\n" if arguments else ""
    text = usage + formatter.getvalue().strip("\n")
    return f"### {context.command_path}\n\n```text\n{text}\n```\n"


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
