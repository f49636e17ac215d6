"""`ops restart` and `ops scale`: replace tasks or change their number, and watch the result."""

import click

from ops.base.errors import OpsError
from ops.base.words import number
from ops.commands.completion import services as services_of
from ops.commands.oncall.common import deployed
from ops.commands.options import Options, shared_options, yes_option
from ops.commands.terminal import ask
from ops.copilot.place import ServicePlace
from ops.plan.output.text import as_json
from ops.release.aws.tasks import Tasks, until_when

_service = click.argument("service", shell_complete=services_of)


@click.command("restart", help="Replace the tasks of a service by new ones of the same release.")
@_service
@yes_option
@shared_options
def restart(options: Options, *, service: str, yes: bool) -> None:
    """Start a new deployment of the running version, and watch it. New tasks read
    changed secrets.
    """
    deployment = deployed(options, [service])
    place = _place(deployment.services, deployment.problems)
    if not yes:
        ask(f"Restart {service} in {place.environment}?")
    with deployment.aws.writing():
        running = Tasks(deployment.aws, place).restart(_tell)
    _print(options, service, running, f"{number(running, 'new task')} of `{service}` running.")


@click.command("scale", help="Set a service's number of tasks, within its range.")
@_service
@click.argument("count", type=click.IntRange(min=0))
@yes_option
@shared_options
def scale(options: Options, *, service: str, count: int, yes: bool) -> None:
    """Set the desired count, and wait until that many tasks run."""
    deployment = deployed(options, [service])
    place = _place(deployment.services, deployment.problems)
    if not yes:
        ask(f"Set {service} in {place.environment} to {number(count, 'task')}?")
    with deployment.aws.writing():
        running = Tasks(deployment.aws, place).scale(count, _tell)
    text = f"{number(running, 'task')} of `{service}` running. {until_when(place)}"
    _print(options, service, running, text)


def _place(places: tuple[ServicePlace, ...], problems: tuple[OpsError, ...]) -> ServicePlace:
    if not places:
        raise problems[0] if problems else OpsError("It is not deployed there")
    return places[0]


def _print(options: Options, service: str, running: int, text: str) -> None:
    click.echo(as_json({"service": service, "running": running}) if options.is_json else text)


def _tell(line: str) -> None:
    click.echo(line, err=True)
