"""`plan`, `sync`, `list` and `delete`, defined once for any choice of kinds.

`ops plan` is the command of all kinds, `ops alarms plan` that of one kind.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from ops.base.errors import OpsError
from ops.base.kinds import KINDS, Kind
from ops.commands.cli import load
from ops.commands.kinds.flow import carry_out, end, show, surveyed
from ops.commands.options import Options, options_with, shared_options, yes_option
from ops.plan.authors.attribution import with_authors
from ops.plan.output.text import as_json, list_as_data, list_as_text
from ops.plan.reviewed import file as reviewed
from ops.plan.reviewed import safety

_PATH = click.Path(path_type=Path, dir_okay=False)
_prune = click.option(
    "--prune",
    is_flag=True,
    help="Delete resources that ops created and that are no longer declared.",
)


def plan_command(kinds: Sequence[Kind]) -> click.Command:
    """Return `plan`, which shows what a sync would change."""

    @click.command("plan", help="Show what a sync would change, each field as old → new.")
    @click.option("--exit-code", is_flag=True, help="Exit with 2 when there are differences.")
    @click.option("--out", type=_PATH, help="Save the plan to a file, for `sync FILE`.")
    @click.option(
        "--who", is_flag=True, help="Show who last changed what differs, from CloudTrail."
    )
    @_prune
    @options_with("text", "json", "markdown")
    def plan(
        options: Options, *, exit_code: bool, out: Path | None, who: bool, prune: bool
    ) -> None:
        state = surveyed(options, kinds, prune=prune)
        plans = with_authors(state.survey, state.remotes, state.aws) if who else state.survey
        show(plans, options)
        if out is not None:
            names, account = [kind.name for kind in kinds], state.aws.account()
            region = state.aws.region
            reviewed.save(out, plans, names, account=account, region=region, prune=prune)
        differs = any(plan.writes or plan.conflicts for plan in plans.plans)
        end(plans, code=2 if exit_code and differs else 0)

    return plan


def sync_command(kinds: Sequence[Kind]) -> click.Command:
    """Return `sync`, which shows the plan and applies it."""

    @click.command(
        "sync", help="Change AWS to match the declarations. A second run changes nothing."
    )
    @click.argument("plan_file", type=_PATH, required=False)
    @click.option("--allow-deletes", type=int, metavar="N", help="Allow up to N deletions.")
    @_prune
    @yes_option
    @shared_options
    def sync(
        options: Options,
        *,
        plan_file: Path | None,
        allow_deletes: int | None,
        prune: bool,
        yes: bool,
    ) -> None:
        kept = None if plan_file is None else reviewed.load(plan_file)
        if kept is not None:
            kept.check_options(options.environment, options.application, prune=prune)
            options, prune = replace(options, environment=kept.environment), kept.prune
        result = surveyed(options, _kinds_of(kept, kinds), prune=prune)
        if kept is not None:
            kept.check(result.survey, account=result.aws.account(), region=result.aws.region)
        if kept is None or allow_deletes is not None:
            safety.check_deletions(result.survey.plans, allow_deletes)
        carry_out(result, options, yes=yes)

    return sync


def delete_command(kind: Kind) -> click.Command:
    """Return `delete`, which deletes what `ops` created, whether declared or not."""

    @click.command("delete", help=kind.delete_help)
    @yes_option
    @shared_options
    def delete(options: Options, *, yes: bool) -> None:
        result = surveyed(options, [kind], prune=True, unmentioned=True, declared=False)
        carry_out(result, options, yes=yes)

    return delete


def list_command(kind: Kind) -> click.Command:
    """Return `list`, which shows what `ops` created and its live state."""

    @click.command("list", help=kind.list_help)
    @shared_options
    def list_(options: Options) -> None:
        result = surveyed(options, [kind], prune=True, unmentioned=True).survey
        owned = [live for plan in result.plans for live in plan.owned]
        if options.is_json:
            click.echo(as_json(list_as_data(result, owned)))
        elif owned or not result.problems:
            click.echo(list_as_text(kind.name, owned))
        end(result, code=0)

    return list_


def group_of(kind: Kind) -> click.Group:
    """Return the group `ops KIND`."""
    group = click.Group(kind.command, help=kind.help)
    one = (plan_command([kind]), sync_command([kind]), list_command(kind), delete_command(kind))
    for command in (*one, *map(load, kind.commands)):
        group.add_command(command)
    return group


def _kinds_of(kept: reviewed.Reviewed | None, kinds: Sequence[Kind]) -> Sequence[Kind]:
    """Return the kinds of a reviewed plan. Raise OpsError if this command lacks one."""
    if kept is None:
        return kinds
    selected = [kind for kind in kinds if kind.name in kept.kinds]
    if len(selected) != len(kept.kinds):
        raise OpsError(
            f"{kept.path} is a plan of {', '.join(kept.kinds)}",
            f"Run `ops sync {kept.path}` instead.",
        )
    return selected


plan_all = plan_command(KINDS)
sync_all = sync_command(KINDS)
