"""`ops local`: the workspace on an embedded AWS."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypedDict

import click

from ops.base.errors import OpsError
from ops.base.kinds import KINDS
from ops.base.words import number
from ops.commands.local.rehearsal import gameday, interrupt
from ops.commands.options import workspace_option
from ops.copilot.workload import JOB
from ops.copilot.workspace import Workspace, WorkspaceError, load_workspace
from ops.copilot.workspace.find import find_root, named_after_folder
from ops.local import assumptions
from ops.local.endpoint.operations import call
from ops.local.metrics.clock import Clock
from ops.local.run import preflight, state
from ops.local.run.environment import of_process
from ops.local.run.processes.stop import LIMIT, Stop
from ops.plan.survey.declarations import read_declarations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Unpack

    from ops.local.run.session import Session


@click.group(help="Run the workspace on a laptop: the real Copilot CLI on an embedded AWS.")
def local() -> None:
    """Define the command group."""


local.add_command(interrupt)
local.add_command(gameday)


class _How(TypedDict):
    """Options of how containers and the control plane run."""

    speed: float
    only_stubs: bool


@local.command()
@click.option("-e", "--env", "environment", envvar="OPS_ENV", help="The environment to deploy.")
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=8000,
    show_default=True,
    help="The port of the public load balancer.",
)
@click.option(
    "--speed",
    type=click.FloatRange(1, 60),
    default=1,
    show_default=True,
    help="How many times as fast alarms, cooldowns and schedules run; processes do not.",
)
@click.option(
    "--stop-within",
    type=click.FloatRange(1, 600),
    default=LIMIT,
    show_default=True,
    help="Seconds after Ctrl-C in which everything may stop in order; then it is killed.",
)
@click.option("--yes", is_flag=True, help="Use databases on other machines without asking.")
@click.option("--app", "application", help="The application, if copilot/.workspace is missing.")
@click.option("--stub", "only_stubs", is_flag=True, help="Run a stub in place of every container.")
@workspace_option
def up(
    environment: str | None,
    port: int,
    stop_within: float,
    yes: bool,  # noqa: FBT001
    application: str | None,
    workspace: Path | None,
    **how: Unpack[_How],
) -> None:
    """Deploy everything and run it, until Ctrl-C or `ops local down`.

    A stub stands in for a container that cannot run here, and answers its health checks.
    """
    started = time.monotonic()
    loaded = _load(workspace, application)
    name = _environment(loaded, environment)
    _check(loaded, name, may_leave=yes)
    with _step("loading moto"):
        from ops.local.run.session import Session  # noqa: PLC0415  # takes a second or two
    stop = Stop(at_once=lambda: state.remove(loaded.root), limit=stop_within)
    session = Session(loaded, name, port, _step, stop, **how)
    with stop.listening(), session.running():
        _explain(session, loaded, name)
        if session.problem:
            click.echo(session.problem, err=True)
        click.echo(_ready(loaded, name, session, time.monotonic() - started))
        stop.wait()
        click.echo("\nStopping the tasks …")


@local.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@workspace_option
def run(command: tuple[str, ...], workspace: Path | None) -> None:
    """Run any command against the embedded AWS: `ops local run -- copilot svc status -n api`."""
    root = find_root(workspace)
    running = state.require(root)
    variables = of_process(running.variables_in(os.environ), state.directory_of(root) / "bin")
    executable = shutil.which(command[0], path=variables["PATH"])
    if executable is None:
        raise OpsError(f"The command `{command[0]}` is missing", "Install it, or fix PATH.")
    sys.stdout.flush()
    os.execve(executable, command, variables)  # noqa: S606 - the user's own command


@local.command()
@click.option("--speed", type=click.FloatRange(1, 60), help="Set how many times as fast it runs.")
@workspace_option
def clock(speed: float | None, workspace: Path | None) -> None:
    """Show the time of the control plane, by which alarms, cooldowns and schedules go."""
    root = load_workspace(workspace).root
    running = state.require(root)
    if speed is not None:
        call(running.variables["AWS_ENDPOINT_URL"], "speed", speed=speed)
    control = Clock.read(state.directory_of(root))
    now = datetime.fromtimestamp(control.now(), UTC)
    click.echo(f"{now:%Y-%m-%d %H:%M:%S} UTC, {control.speed:g} times as fast as real time")
    if control.speed != 1:
        click.echo(f"{number(int(control.ahead() // 60), 'minute')} ahead of this machine")


@local.command()
@click.argument("service")
@workspace_option
def restart(service: str, workspace: Path | None) -> None:
    """Start a service anew with the code that is in the files now, and say why it dies."""
    loaded = load_workspace(workspace)
    running = state.require(loaded.root)
    os.environ.clear()
    os.environ.update(of_process(running.variables))
    from ops.local.run.restart import restart_service  # noqa: PLC0415  # it loads botocore

    with _step(f"restart {service}"):
        running_tasks = restart_service(loaded, running.variables["OPS_ENV"], service)
    click.echo(f"{number(running_tasks, 'new task')} of `{service}` running.")


@local.command()
@workspace_option
def down(workspace: Path | None) -> None:
    """Stop the embedded AWS that runs in another process, and remove its files."""
    was_running = state.end(find_root(workspace))
    click.echo("The embedded AWS has stopped." if was_running else "No embedded AWS was running.")


def _load(workspace: Path | None, application: str | None) -> Workspace:
    """Read the workspace; without `.workspace`, its application is named after the folder."""
    root = find_root(workspace)
    name = named_after_folder(root)
    if name is None or application:
        return load_workspace(root, application)
    click.echo(f"copilot/.workspace is missing: the application is `{name}`; --app names another.")
    return load_workspace(root, name)


def _environment(workspace: Workspace, named: str | None) -> str:
    """Return the environment to deploy, and write a manifest if Copilot has none for it."""
    if workspace.unreadable:
        raise WorkspaceError(workspace.unreadable)
    if named is None and len(workspace.environments) != 1:
        return _default_environment(workspace.environments)
    name = workspace.require_environment(named)
    if mistake := workspace.mistaken(name) or workspace.unheard_of(name):
        raise OpsError(f"`{name}`: {mistake}", "Nothing was deployed.")
    return name


def _check(workspace: Workspace, environment: str, *, may_leave: bool) -> None:
    """Raise OpsError for what cannot run here, before anything starts."""
    read_declarations(workspace, KINDS, environment)
    from ops.local.run.shell import replaced  # noqa: PLC0415  # it needs moto

    replacements = replaced(workspace, environment, os.environ)
    if replacements:
        click.echo(f"Taken from your shell: {', '.join(map(str, replacements))}.")
    elsewhere = [replacement for replacement in replacements if replacement.host]
    if not elsewhere or may_leave:
        return
    names = " and ".join(map(str, elsewhere))
    if not sys.stdin.isatty():
        raise OpsError(
            f"{names}: the tasks would write to another machine, and stdin is not a terminal",
            f"Unset {elsewhere[0].name}, or pass --yes.",
        )
    click.confirm(f"{names}: the tasks will migrate and write there. Continue?", abort=True)


def _default_environment(known: tuple[str, ...]) -> str:
    """Return the environment to deploy by default: one that is not production, if possible."""
    name = next(
        (candidate for candidate in known if "prod" not in candidate), known[0] if known else "test"
    )
    others = f"the files name {', '.join(known)}" if known else "no file names one"
    click.echo(f"The environment is `{name}`: {others}; --env names another.")
    return name


def _explain(session: Session, workspace: Workspace, environment: str) -> None:
    """List what runs in place of each container, the run's assumptions, and errors on AWS."""
    containers = session.containers()
    if any(choice.reason for choice in containers.values()):
        click.echo("\nContainers:")
        for name, choice in sorted(containers.items()):
            click.echo(f"  {name}: {choice}")
    if notes := assumptions.take():
        click.echo("\nAssumed, because only your account or pipeline shows it:")
        for line in notes:
            click.echo(f"  {line}")
    from ops.commands.local import findings  # noqa: PLC0415  # it loads all rules

    if errors := list(findings.lines(workspace, environment)):
        click.echo("\n" + "\n".join(errors))


@contextlib.contextmanager
def _step(title: str) -> Iterator[None]:
    """Show a step in progress on a terminal, and its duration when it is done."""
    if sys.stdout.isatty():
        click.echo(f"  {title} …", nl=False)
    started = time.monotonic()
    outcome = "✗"
    try:
        yield
        outcome = "✔"
    finally:
        restart = "\r" if sys.stdout.isatty() else ""
        click.echo(f"{restart}{outcome} {title:<48} {time.monotonic() - started:5.1f} s")


def _ready(workspace: Workspace, environment: str, session: Session, seconds: float) -> str:
    lines = [f"\n{workspace.application}-{environment} is running after {seconds:.1f} s."]
    if session.url:
        lines.append(f"  {session.url}")
        if session.request:
            lines.append(f"  {session.request} # its rules answer this alias")
    lines.append(f"  {session.page.url} shows it live: tasks, queues, alarms, decisions, mail")
    commands = [*_first_commands(workspace, environment), f"ops plan --env {environment}"]
    lines += [f"  ops local run -- {command}" for command in commands]
    lines.append("Stop it with Ctrl-C, or with `ops local down` in another terminal.")
    return "\n".join(lines)


def _first_commands(workspace: Workspace, environment: str) -> Iterator[str]:
    """Yield commands of Copilot for the first service and the first job."""
    service = next((deployed.name for deployed in preflight.deployed(workspace)), None)
    if service is not None:
        yield f"copilot svc status -n {service} -e {environment}"
        yield f"copilot svc logs -n {service} -e {environment}"
    job = next((one.name for one in preflight.workloads(workspace) if one.type == JOB), None)
    if job is not None:
        yield f"copilot job run -n {job} -e {environment}"
