"""The root command. It imports click and the registry alone, so that `ops --help` is quick."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import click

from ops.base.kinds import KINDS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@dataclass(frozen=True)
class Lazy:
    """A command that is imported when it is called: `module:attribute`, and its line of help."""

    target: str
    summary: str


def load(target: str) -> click.Command:
    """Import a command by its `module:attribute`."""
    module, attribute = target.split(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


class LazyGroup(click.Group):
    """A group whose commands come from a table and whose help imports none of them."""

    def __init__(self, table: Mapping[str, Lazy], help: str) -> None:  # noqa: A002  # click's name
        super().__init__("ops", help=help, context_settings={"help_option_names": ["-h", "--help"]})
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [*self._table, *(kind.command for kind in KINDS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name in self._table:
            return load(self._table[cmd_name].target)
        for kind in KINDS:
            if kind.command == cmd_name:
                group: click.Group = import_module("ops.commands.kinds.common").group_of(kind)
                return group
        return None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Offer the commands from the table: click's own way would import each of them."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  # only at the tab key

        rows = [(name, lazy.summary) for name, lazy in self._table.items()]
        rows += [(kind.command, kind.summary) for kind in KINDS]
        found = [CompletionItem(n, help=text) for n, text in rows if n.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        rows = [(name, lazy.summary) for name, lazy in self._table.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
        with formatter.section("Kinds, each with plan, sync, list and delete"):
            formatter.write_dl([(kind.command, kind.summary) for kind in KINDS])


cli = LazyGroup(
    {
        "plan": Lazy(
            "ops.commands.kinds.common:plan_all", "Show what a sync of every kind would change"
        ),
        "sync": Lazy("ops.commands.kinds.common:sync_all", "Bring every kind to what is declared"),
        "check": Lazy("ops.commands.check:check", "Find what would break, before a deploy does"),
        "status": Lazy("ops.commands.oncall.status:status", "Show what runs, on one screen"),
        "why": Lazy("ops.commands.oncall.why:why", "Say why a service has as many tasks as it has"),
        "logs": Lazy("ops.commands.oncall.logs:logs", "Show the logs of services as one"),
        "queue": Lazy(
            "ops.commands.oncall.queue:queue", "Show, peek into, redrive and purge queues"
        ),
        "doctor": Lazy(
            "ops.commands.oncall.doctor:doctor", "Check the sign-in, tools and workspace"
        ),
        "schema": Lazy("ops.commands.schema:schema_command", "Print the JSON Schema of ops.yml"),
        "iam-policy": Lazy("ops.commands.iam_policy:iam_policy", "Print the IAM policy ops needs"),
        "local": Lazy("ops.commands.local:local", "Run the workspace on an embedded AWS"),
    },
    help="Keep what AWS Copilot does not cover: declared in ops.yml beside its manifests.",
)
