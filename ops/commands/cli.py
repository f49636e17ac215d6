"""The root command. It imports only click and the registry, so that `ops --help` is quick."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import click

from ops.base.kinds import KINDS, Kind

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@dataclass(frozen=True)
class Lazy:
    """A command that is imported when it is called: `module:attribute`, and its line of help.

    With a kind, the attribute is a function that makes the command from it.
    """

    target: str
    summary: str
    kind: Kind | None = None

    def load(self) -> click.Command:
        """Import the command."""
        if self.kind is None:
            return load(self.target)
        module, function = self.target.split(":")
        group: click.Group = getattr(import_module(module), function)(self.kind)
        return group


def load(target: str) -> click.Command:
    """Import a command by its `module:attribute`."""
    module, attribute = target.split(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


class LazyGroup(click.Group):
    """A group whose commands come from tables, by section, and whose help imports none of them."""

    def __init__(self, sections: Mapping[str, Mapping[str, Lazy]], help: str) -> None:  # noqa: A002  # click's name
        super().__init__("ops", help=help, context_settings={"help_option_names": ["-h", "--help"]})
        self.sections = sections
        self._table = {name: lazy for table in sections.values() for name, lazy in table.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        return self._table[cmd_name].load() if cmd_name in self._table else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Offer the commands in the tables, without importing them."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  # only at the tab key

        items = [
            CompletionItem(name, help=lazy.summary)
            for name, lazy in self._table.items()
            if name.startswith(incomplete)
        ]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        for title, table in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name, lazy.summary) for name, lazy in table.items()])


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  # click's signature
    if value:
        from ops.base.distribution import installed  # noqa: PLC0415  # takes a while

        name, version = installed()
        click.echo(f"ops {version} ({name})")
        ctx.exit()


KINDS_TITLE = "Kinds, each with plan, sync, list and delete"

cli = LazyGroup(
    {
        "Deploy": {
            "init": Lazy("ops.commands.init:init", "Propose the first ops.yml files"),
            "check": Lazy("ops.commands.check:check", "Find what would break a deployment"),
            "plan": Lazy("ops.commands.kinds.common:plan_all", "Show what a sync would change"),
            "sync": Lazy("ops.commands.kinds.common:sync_all", "Make AWS match what is declared"),
            "release": Lazy(
                "ops.commands.release.release:release", "Deploy an image, verify it, or go back"
            ),
        },
        "Operate": {
            "status": Lazy("ops.commands.oncall.status:status", "Show what runs, on one screen"),
            "logs": Lazy("ops.commands.oncall.logs:logs", "Show the logs of services in one list"),
            "queue": Lazy("ops.commands.oncall.queue:queue", "Show, redrive and purge queues"),
            "restart": Lazy("ops.commands.release.tasks:restart", "Replace a service's tasks"),
            "scale": Lazy("ops.commands.release.tasks:scale", "Set a service's number of tasks"),
        },
        "Decide": {
            "why": Lazy("ops.commands.oncall.why:why", "Explain a service's number of tasks"),
        },
        KINDS_TITLE: {
            kind.command: Lazy("ops.commands.kinds.common:group_of", kind.summary, kind)
            for kind in KINDS
        },
        "Tools": {
            "doctor": Lazy("ops.commands.oncall.doctor:doctor", "Check sign-in, clock and tools"),
            "local": Lazy("ops.commands.local:local", "Run the workspace on an embedded AWS"),
            "iam-policy": Lazy("ops.commands.iam_policy:iam_policy", "Print an IAM policy for ops"),
            "completion": Lazy(
                "ops.commands.shell_completion:completion", "Complete commands in your shell"
            ),
            "schema": Lazy("ops.commands.schema:schema_command", "Print the schema of ops.yml"),
        },
    },
    help="Manage what AWS Copilot does not cover, declared in ops.yml next to its manifests.",
)
cli.params.append(
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_print_version,
        help="Show the version and exit.",
    )
)
