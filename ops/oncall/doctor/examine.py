"""All checks of the doctor, run concurrently."""

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ops.aws.client import Aws, side_by_side
from ops.base import clock
from ops.base.errors import OpsError
from ops.copilot.environments import confirm
from ops.copilot.workspace import WorkspaceError, load_workspace
from ops.oncall.doctor.check import Check, Tool, failed, of_clock, of_copilot, of_endpoint, of_tool
from ops.oncall.doctor.remote import ask

_PATIENCE = 10  # seconds for a program to print its version


def examine(
    path: Path | None,
    application: str | None,
    environment: str | None,
    profile: str | None,
    region: str | None,
) -> list[Check]:
    """Run all checks, and return them in the order in which a user would fix them."""
    looks: list[Callable[[], list[Check]]] = [
        partial(_workspace, path, application),
        partial(_environment, path, application, environment, partial(Aws, profile, region)),
        partial(_aws, profile, region),
        lambda: [of_endpoint(os.environ)],
        lambda: [of_copilot(call("copilot", "--version"))],
        _plugin,
        _docker,
    ]
    return [check for checks in side_by_side(_run, looks) for check in checks]


def _run(look: Callable[[], list[Check]]) -> list[Check]:
    return look()


def _workspace(path: Path | None, application: str | None) -> list[Check]:
    """Check every file that any command would read."""
    try:
        workspace = load_workspace(path, application)
        problems = workspace.unreadable
        for environment in workspace.environments:
            for service in (None, *workspace.services):
                try:
                    if service is None:
                        workspace.settings(environment)
                    else:
                        workspace.service_settings(service.name, environment)
                except WorkspaceError as error:
                    problems += error.problems
        if problems:
            raise WorkspaceError(problems)
    except OpsError as error:
        return [failed("workspace", error)]
    services = ", ".join(service.name for service in workspace.services) or "none"
    environments = ", ".join(workspace.environments) or "none"
    summary = f"{workspace.application}; services: {services}; environments: {environments}"
    return [Check("workspace", ok=True, found=summary)]


def _environment(
    path: Path | None, application: str | None, name: str | None, aws: Callable[[], Aws]
) -> list[Check]:
    """Check the named environment; ask AWS only if it has no manifest here."""
    if name is None:
        return []
    try:
        workspace = load_workspace(path, application)
    except OpsError:
        return []  # reported by the check of the workspace
    if name in workspace.own_environments:
        return [Check("environment", ok=True, found=name)]
    try:
        workspace.require_environment(name)  # what cannot be a name costs no call
        confirm(aws(), workspace, name)
    except OpsError as error:
        return [failed("environment", error)]
    return [Check("environment", ok=True, found=f"{name}, which is deployed but has no manifest")]


def _aws(profile: str | None, region: str | None) -> list[Check]:
    try:
        aws = Aws(profile, region)
    except OpsError as error:
        return [failed("region or profile", error)]
    checks = [Check("region", ok=True, found=aws.region)]
    answer = ask(aws)
    here = clock.now()
    if isinstance(answer.identity, OpsError):
        checks.append(failed("credentials", answer.identity))
    else:
        checks.append(Check("credentials", ok=True, found=answer.identity))
    return [*checks, of_clock(here, answer.time)]


def _plugin() -> list[Check]:
    tool = call("session-manager-plugin", "--version")
    purpose = "for `copilot svc exec`"
    return [of_tool("session-manager-plugin", tool, purpose, f"{tool.path} cannot be run")]


def _docker() -> list[Check]:
    tool = call("docker", "version", "--format", "{{.Server.Version}}")
    purpose = "to build images with `copilot svc deploy`"
    return [of_tool("docker", tool, purpose, "its daemon does not respond")]


def call(program: str, *arguments: str) -> Tool:
    """Run a program to read its version."""
    path = shutil.which(program)
    if path is None:
        return Tool(None)
    try:
        done = subprocess.run(
            [path, *arguments],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return Tool(path, code=1)
    return Tool(path, done.returncode, done.stdout + done.stderr)
