"""`ops status`: an environment on one screen."""

import sys
import time

import click

from ops.base import clock
from ops.base.errors import OpsError
from ops.commands.completion import services as services_of
from ops.commands.oncall.common import deployed, tell
from ops.commands.options import Options, shared_options
from ops.oncall.status.remote import Reader
from ops.oncall.status.screen import as_data, as_text
from ops.oncall.status.watch import watch
from ops.plan.output.text import as_json


@click.command("status", help="Show what runs: tasks, deployments, queues, scaling, alarms.")
@click.argument("services", nargs=-1, metavar="[SERVICE]...", shell_complete=services_of)
@click.option("--watch", "again", is_flag=True, help="Refresh the screen until Ctrl-C.")
@click.option(
    "--interval",
    type=click.FloatRange(min=1),
    default=5.0,
    show_default=True,
    help="Seconds between two refreshes.",
)
@shared_options
def status(options: Options, *, services: tuple[str, ...], again: bool, interval: float) -> None:
    """Read everything concurrently, and show it."""
    reader = Reader(deployed(options, services, in_batches=True))
    if again:
        _check_terminal(options)
        watch(lambda: _screen(reader), lambda: time.sleep(interval))
        return
    snapshot = reader.read(clock.now())
    click.echo(as_json(as_data(snapshot)) if options.is_json else as_text(snapshot))
    tell(snapshot.unread)


def _check_terminal(options: Options) -> None:
    if options.is_json or not sys.stdout.isatty():
        raise OpsError(
            "--watch needs a terminal, and stdout is not one",
            "Omit --watch, and run the command as often as you need.",
        )


def _screen(reader: Reader) -> str:
    snapshot = reader.read(clock.now())
    problems = [click.style(f"error: {problem}", fg="red") for problem in snapshot.problems]
    return "\n".join([as_text(snapshot), *problems])
