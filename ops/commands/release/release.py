"""`ops release`: plan, deploy in order, verify, go back; its state and history."""

import click

from ops.aws.client import Aws
from ops.base import clock
from ops.commands.options import Options, options_with, shared_options, yes_option
from ops.commands.release import flow
from ops.commands.release.flow import Wishes
from ops.copilot.workspace import load_workspace
from ops.plan.output.text import as_json
from ops.release.aws.journal import Entry, read_entries
from ops.release.decisions.record import Last
from ops.release.render import history_as_text, record_as_data, record_as_text

_dry_run = click.option("--dry-run", is_flag=True, help="Show the plan, and change nothing.")
_no_rollback = click.option(
    "--no-rollback", is_flag=True, help="Leave a failed release as it is, and do not go back."
)
_ignore_alarms = click.option(
    "--ignore-alarms", is_flag=True, help="Release although an alarm that guards it fires."
)
_no_check = click.option("--no-check", is_flag=True, help="Skip `ops check --live --strict`.")


@click.group(
    "release",
    invoke_without_command=True,
    help="Deploy one image to all services in order, verify it, and go back if it is bad.",
)
@click.option("--tag", help="An image that exists.  [default: build and push this commit]")
@click.option("--digest", help="Refuse the tag if it names another image than this `sha256:…`.")
@click.option("--redeploy", is_flag=True, help="Also deploy services that run the image already.")
@_no_check
@_ignore_alarms
@_no_rollback
@_dry_run
@yes_option
@options_with("text", "json", "markdown")
@click.pass_context
def release(context: click.Context, /, options: Options, **wishes: object) -> None:
    """Plan, ask, and carry out."""
    if context.invoked_subcommand is None:
        flow.release(options, Wishes(**wishes))  # type: ignore[arg-type]  # click checked them


@release.command("rollback")
@click.option("--to", "tag", help="The tag to go back to.  [default: what ran before]")
@_no_check
@_dry_run
@yes_option
@options_with("text", "json", "markdown")
def rollback(options: Options, **wishes: object) -> None:
    """Deploy what ran before the last release, with the manifests of its commit."""
    flow.rollback(options, Wishes(**wishes))  # type: ignore[arg-type]  # click checked them


@release.command("status")
@shared_options
def status(options: Options) -> None:
    """Show the last release: its progress, or its outcome."""
    latest = next(iter(_entries(options)), None)
    if options.is_json:
        data = None if latest is None else record_as_data(latest.record, is_dead=latest.is_dead)
        click.echo(as_json({"release": data}))
    elif latest is None:
        click.echo("No release yet.")
    else:
        click.echo(record_as_text(latest.record, clock.now(), is_dead=latest.is_dead))


@release.command("history")
@shared_options
def history(options: Options) -> None:
    """List the releases, the newest first."""
    entries = _entries(options)
    if options.is_json:
        data = [record_as_data(entry.record, is_dead=entry.is_dead) for entry in entries]
        click.echo(as_json({"releases": data}))
    else:
        releases = [Last(entry.record, entry.is_dead) for entry in entries]
        click.echo(history_as_text(releases, clock.now()))


def _entries(options: Options) -> list[Entry]:
    workspace = load_workspace(options.workspace, options.application)
    environment = workspace.require_environment(options.environment)
    aws = Aws(options.profile, options.region)
    return read_entries(aws, workspace.application, environment)
