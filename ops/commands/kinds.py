"""`plan`, `sync` and `list`, made once for any choice of kinds.

`ops plan` is the command of all kinds, `ops alarms plan` that of one.
"""

from collections.abc import Sequence

import click

from ops.apply import apply
from ops.aws import Aws
from ops.commands.options import Options, shared_options
from ops.declarations import read_declarations
from ops.kinds import KINDS, Kind
from ops.remote import Remote
from ops.render import (
    as_json,
    list_as_data,
    list_as_text,
    plan_as_data,
    plan_as_text,
    results_as_data,
    results_as_text,
)
from ops.report import Survey
from ops.survey import survey
from ops.workspace import load_workspace

_prune = click.option(
    "--prune", is_flag=True, help="Delete what ops made and nobody declares any more."
)


def plan_command(kinds: Sequence[Kind]) -> click.Command:
    """`plan`: what a sync would change."""

    @click.command("plan", help="Show what a sync would change, every field old → new.")
    @click.option("--exit-code", is_flag=True, help="Exit with 2 when there are differences.")
    @_prune
    @shared_options
    def plan(options: Options, *, exit_code: bool, prune: bool) -> None:
        surveyed, _ = _survey(options, kinds, undeclared=prune)
        _show_plan(surveyed, options)
        differs = any(each.writes or each.conflicts for each in surveyed.plans)
        _end(surveyed, code=2 if exit_code and differs else 0)

    return plan


def sync_command(kinds: Sequence[Kind]) -> click.Command:
    """`sync`: show the plan and carry it out."""

    @click.command("sync", help="Bring AWS to what is declared; a second run changes nothing.")
    @_prune
    @shared_options
    def sync(options: Options, *, prune: bool) -> None:
        surveyed, remotes = _survey(options, kinds, undeclared=prune)
        if not options.is_json:
            _show_plan(surveyed, options)
        results = apply(surveyed.plans, remotes)
        if options.is_json:
            click.echo(as_json({**plan_as_data(surveyed), "results": results_as_data(results)}))
        elif results:
            click.echo(results_as_text(results))
        failed = any(result.error for result in results)
        _end(surveyed, code=int(failed or any(plan.conflicts for plan in surveyed.plans)))

    return sync


def list_command(kind: Kind) -> click.Command:
    """`list`: what `ops` has, with its live state."""

    @click.command("list", help=f"List {kind.summary} that ops made, with their state.")
    @shared_options
    def list_(options: Options) -> None:
        surveyed, _ = _survey(options, [kind], undeclared=True)
        owned = [live for each in surveyed.plans for live in each.owned]
        if options.is_json:
            click.echo(as_json(list_as_data(surveyed, owned)))
        elif owned or not surveyed.problems:
            click.echo(list_as_text(kind.name, owned))
        _end(surveyed, code=0)

    return list_


def group_of(kind: Kind) -> click.Group:
    """The group `ops KIND`."""
    group = click.Group(kind.name, help=f"Plan, sync and list {kind.summary}.")
    for command in (plan_command([kind]), sync_command([kind]), list_command(kind)):
        group.add_command(command)
    return group


plan_all = plan_command(KINDS)
sync_all = sync_command(KINDS)


def _survey(
    options: Options, kinds: Sequence[Kind], *, undeclared: bool
) -> tuple[Survey, dict[str, Remote]]:
    workspace = load_workspace(options.workspace, options.application)
    declarations = read_declarations(workspace, kinds, options.environment)
    aws = Aws(options.profile, options.region)
    return survey(declarations, aws, undeclared=undeclared)


def _show_plan(surveyed: Survey, options: Options) -> None:
    click.echo(as_json(plan_as_data(surveyed)) if options.is_json else plan_as_text(surveyed))


def _end(surveyed: Survey, *, code: int) -> None:
    """Tell the problems on stderr and leave with the exit code that follows."""
    for problem in surveyed.problems:
        click.secho(f"error: {problem}", fg="red", err=True)
    raise click.exceptions.Exit(1 if surveyed.problems else code)
