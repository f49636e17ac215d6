"""`ops local interrupt` and `gameday`: failures of AWS, tried on a laptop."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ops.base.errors import OpsError
from ops.base.fields import seconds
from ops.base.words import number
from ops.commands.options import workspace_option
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
@workspace_option
def interrupt(
    service: str, count: int | None, without_capacity: float, workspace: Path | None
) -> None:
    """Interrupt the Spot tasks of a service, as Fargate does when it needs their capacity.

    Each task gets SIGTERM, and SIGKILL after its `stopTimeout`; ECS starts another on Spot.
    """
    loaded = load_workspace(workspace)
    running = state.require(loaded.root)
    _use(running)
    from ops.local.run.interrupt import interrupt_service  # noqa: PLC0415  # it loads botocore

    tasks = interrupt_service(loaded, running, service, count, without_capacity)
    click.echo(f"{number(len(tasks), 'Spot task')} of `{service}` interrupted: {', '.join(tasks)}.")


@click.command()
@click.argument("name", required=False)
@click.option("--list", "only_list", is_flag=True, help="List the stories.")
@click.option(
    "--speed",
    type=click.FloatRange(1, 60),
    help="How many times as fast the control plane runs (default: the story's own).",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the verdict, curves and timeline into an HTML file.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=8000,
    show_default=True,
    help="The port of the load balancer, if no embedded AWS is running yet.",
)
@workspace_option
def gameday(
    name: str | None,
    only_list: bool,  # noqa: FBT001
    speed: float | None,
    report: Path | None,
    port: int,
    workspace: Path | None,
) -> None:
    """Play a story in which something goes wrong, from copilot/gameday/NAME.yml.

    It runs on the embedded AWS of this workspace, or on one of its own if none is running. Exit
    code 1 if something was not as the story expects.
    """
    loaded = load_workspace(workspace)
    from ops.local.gameday import own, story, timeline  # noqa: PLC0415

    if only_list or name is None:
        for known in story.stories(loaded.root):
            click.echo(f"{known:<24} {story.load_story(loaded.root, known).title}")
        return
    chosen = story.load_story(loaded.root, name)
    chosen = chosen.model_copy(update={"speed": speed}) if speed else chosen
    with own.running_for(loaded.root, chosen.environment, port, click.echo) as running:
        _use(running)
        from ops.local.gameday.play import play  # noqa: PLC0415  # it loads botocore

        evidence, checks = play(loaded, running, chosen, click.echo)
    click.echo("\n".join(["", *timeline.lines(evidence), "", *timeline.verdict_lines(checks)]))
    if report is not None:
        from ops.local.gameday.report import page  # noqa: PLC0415

        report.write_text(page(chosen, evidence, checks))
    if failed := [check.what for check in checks if not check.passed]:
        raise OpsError(f"{chosen.title}: {len(failed)} of {len(checks)} checks failed")


def _use(running: state.State) -> None:
    """Use the running embedded AWS for all AWS calls of this process."""
    variables = of_process(running.variables)
    os.environ.clear()
    os.environ.update(variables)
