"""`ops local interrupt`: what goes wrong on AWS, tried on a laptop."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ops.base.fields import seconds
from ops.base.words import number
from ops.copilot.workspace import load_workspace
from ops.local.run import state
from ops.local.run.environment import of_process


@click.command()
@click.argument("service")
@click.option(
    "--count", type=click.IntRange(1), help="How many of its Spot tasks (default: all of them)."
)
@click.option(
    "--without-capacity",
    type=seconds,
    metavar="DURATION",
    default="0s",
    help="How long Spot then has no capacity, by the time of the control plane, such as 10m.",
)
@click.option(
    "--workspace",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The directory that contains copilot/ (default: this one or a parent).",
)
def interrupt(
    service: str, count: int | None, without_capacity: float, workspace: Path | None
) -> None:
    """Interrupt the Spot tasks of a service, as Fargate does when it needs their capacity.

    Each task gets its event, leaves its load balancer, gets SIGTERM, and SIGKILL after its
    `stopTimeout`; ECS starts another on Spot.
    """
    loaded = load_workspace(workspace)
    running = state.require(loaded.root)
    os.environ.clear()
    os.environ.update(of_process(running.variables))
    from ops.local.run.interrupt import interrupt_service  # noqa: PLC0415  # it loads botocore

    tasks = interrupt_service(loaded, running, service, count, without_capacity)
    click.echo(f"{number(len(tasks), 'Spot task')} of `{service}` interrupted: {', '.join(tasks)}.")
