"""One container of a task: its definition, and its process."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.local.fargate.errors import Failure
from ops.local.fargate.health import ContainerCheck, Health
from ops.local.fargate.tasks.addresses import put_address
from ops.local.fargate.tasks.process import Process
from ops.local.fargate.tasks.reaper import kill_group

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ops.local.fargate.tasks.logs import LogStream
    from ops.local.fargate.tasks.reaper import Reaper

STOP_TIMEOUT = 30.0
"""Seconds from SIGTERM to SIGKILL unless the definition gives `stopTimeout`."""


@dataclass(frozen=True)
class ContainerDefinition:
    """The fields of a container definition that a local process can honour."""

    name: str
    image: str
    command: tuple[str, ...]
    essential: bool
    environment: Mapping[str, str]
    secrets: tuple[Mapping[str, Any], ...]
    ports: tuple[int, ...]
    log_options: Mapping[str, str]
    check: ContainerCheck | None
    stop_timeout: float
    cpu: str
    memory: str | None
    depends_on: tuple[tuple[str, str], ...] = ()
    """The containers to wait for, each with START, COMPLETE, SUCCESS or HEALTHY."""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> ContainerDefinition:
        """Read a definition in the API's form; CloudFormation's numbers may be strings."""
        logging = raw.get("logConfiguration") or {}
        essential = raw.get("essential", True)
        awslogs = logging.get("logDriver") == "awslogs"
        return cls(
            name=raw["name"],
            image=raw["image"],
            command=(*(raw.get("entryPoint") or ()), *(raw.get("command") or ())),
            essential=essential not in (False, "false"),
            environment={e["name"]: str(e["value"]) for e in raw.get("environment") or ()},
            secrets=tuple(raw.get("secrets") or ()),
            ports=tuple(int(p["containerPort"]) for p in raw.get("portMappings") or ()),
            log_options=(logging.get("options") or {}) if awslogs else {},
            check=ContainerCheck.of(raw),
            stop_timeout=float(raw.get("stopTimeout") or STOP_TIMEOUT),
            cpu=str(raw.get("cpu") or 0),
            memory=str(raw["memory"]) if raw.get("memory") else None,
            depends_on=tuple(
                (d["containerName"], d["condition"]) for d in raw.get("dependsOn") or ()
            ),
        )


def base_environment(endpoint: str, region: str) -> dict[str, str]:
    """Return the variables of every process: the paths of programs and the endpoint of this AWS,
    and no other variable of `ops` itself.

    HOME and TMPDIR are the task's own directory, set by the caller that knows it.
    """
    programs = str(Path(sys.executable).parent)
    return {
        "PATH": os.pathsep.join((programs, os.environ.get("PATH", os.defpath))),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "embedded",
        "AWS_SECRET_ACCESS_KEY": "embedded",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


class Container:
    """A running container. `health` stays UNKNOWN if it has no check."""

    def __init__(
        self,
        definition: ContainerDefinition,
        address: str,
        log: LogStream,
        changed: Callable[[], None],
    ) -> None:
        self.definition = definition
        self.health = Health.UNKNOWN
        self.check_output = ""
        """What the last failed check has printed."""
        self.process: Process | None = None
        self.log = log
        self._address = address
        self._changed = changed
        self._checking: asyncio.Task[None] | None = None
        self._stirred = asyncio.Event()

    async def reached(self, condition: str) -> None:
        """Wait until the container reaches a condition that another one depends on.

        Raise Failure if it never will.
        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
        """
        while not self._is(condition):
            code = self.exit_code
            if code is not None and condition in {"SUCCESS", "HEALTHY"}:
                raise Failure(
                    f"Container {self.definition.name} exited with {code}, and another waits for "
                    f"it to reach {condition}"
                )
            self._stirred.clear()
            await self._stirred.wait()

    def _is(self, condition: str) -> bool:
        match condition:
            case "START":
                return self.process is not None
            case "COMPLETE":
                return self.exit_code is not None
            case "SUCCESS":
                return self.exit_code == 0
            case _:
                return self.health is Health.HEALTHY

    def _stir(self) -> None:
        """Wake the scheduler, and tasks that wait for this container."""
        self._stirred.set()
        self._changed()

    async def start(self, environment: Mapping[str, str], directory: Path, reaper: Reaper) -> None:
        """Start the process and its health check. Raise Failure if that fails."""
        command = [put_address(word, self._address) for word in self.definition.command]
        self.process = await Process.start(command, environment, directory, self.log.write, reaper)
        self.process.exited.add_done_callback(lambda _: self._stir())
        self._stir()
        if self.definition.check is not None:
            checking = self._check(self.definition.check, environment, directory, reaper)
            self._checking = asyncio.create_task(checking)

    async def stop(self) -> None:
        """Stop the process within its `stopTimeout`, and send the rest of its logs."""
        if self._checking is not None:
            self._checking.cancel()
            await asyncio.wait([self._checking])
        if self.process is not None:
            await self.process.stop(self.definition.stop_timeout)
            await self.process.output_ended()
        await self.log.close()

    def kill(self) -> None:
        """Kill the process now, regardless of its `stopTimeout`; `stop` then continues."""
        if self.process is not None:
            kill_group(self.process.pid)

    @property
    def exit_code(self) -> int | None:
        """Return a container's exit code: 128 plus the number of the signal that killed it."""
        exited = self.process is not None and self.process.exited.done()
        return self.process.exited.result() if self.process is not None and exited else None

    async def _check(
        self,
        check: ContainerCheck,
        environment: Mapping[str, str],
        directory: Path,
        reaper: Reaper,
    ) -> None:
        argv = [put_address(word, self._address) for word in check.argv]
        tracker = check.tracker(time.monotonic())
        while self.exit_code is None:
            await asyncio.sleep(tracker.pause())
            output: list[bytes] = []
            try:
                probe = await Process.start(argv, environment, directory, output.append, reaper)
                code = await _finish(probe, check.timeout)
            except Failure as failure:
                output, code = [str(failure).encode()], 127
            if code != 0:
                printed = b"".join(output).decode(errors="replace").strip()
                self.check_output = printed or f"exit code {code}"
            if tracker.observe(time.monotonic(), good=code == 0) is not self.health:
                self.health = tracker.state
                self._stir()


async def _finish(probe: Process, timeout: float) -> int:  # noqa: ASYNC109 - it ends in SIGKILL
    """Return the exit code of a check, which is killed at its timeout or on cancellation."""
    try:
        await asyncio.wait([probe.exited], timeout=timeout)
    finally:
        code = await asyncio.shield(probe.stop(0))
        await probe.output_ended()
    return code
